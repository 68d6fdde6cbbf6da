"""Frequent given names of many countries, by which a column of personal names is told."""

from __future__ import annotations

#: Names among the most frequent of newborns and of the living, as statistical offices publish them.
_FREQUENT = """
aaron abigail adam adrian agnes agnieszka aidan aisha alan albert alejandro alessandra alessandro alex
alexander alexandra alexis alfred alice alicia alina allison alvaro amanda amber amelia amelie amy ana
anders andre andrea andreas andrew andrzej angel angela angelica anita anja ann anna anne annette annie
anthony antoine anton antonio april arianna arnold arthur ashley astrid audrey aurora austin ava barbara
beatrice beatriz ben benjamin bernard bernd beth betty beverly bianca bill birgit bjorn blake bob bradley
brandon brenda brian brittany bruce bruno bryan caitlin caleb camila camille carl carla carlos carmen
carol carolina caroline caroline catherine cecilia celine chad charlene charles charlie charlotte chiara
chloe chris christa christian christina christine christoph christopher cindy claire clara claude claudia
cody colin connor corinne craig cristina crystal curtis cynthia daan dale damian dan dana daniel daniela
danielle danny darren david dawn dean deborah debra denise dennis derek diana diane diego dieter dirk
dominik dominique don donald donna dora doris dorothy douglas duncan dustin dylan earl eddie edith eduardo
edward edwin eileen elaine eleanor elena eleonora eli elias elisa elisabeth elise elizabeth ella ellen
elsa emil emilia emilie emily emma eric erica erik erika erin ernest esther ethan eugene eva evan eve
evelyn ewa fabian fabio fatima felix fernando filip fiona florence florian frances francesca francesco
francis francisco francois frank franz fred frederic frederick frida friedrich gabriel gabriela gabriele
gail gary gavin gemma george georgia gerald gerard gerhard gianluca gina giorgia giovanni giulia giuseppe
gloria gordon grace greg gregory greta guillaume gunther gustav hannah hannes hans harold harriet harry
hassan heather hector heidi heike heinz helen helena helga henri henry herbert hilda holly horst howard
hugo ian ida ines ingrid irene irina isaac isabel isabella isabelle ivan jack jackie jacob jacqueline
jacques jade jakob jakub james jamie jan jana jane janet janice jasmin jason javier jay jean jeff jeffrey
jennifer jenny jens jeremy jerry jesse jessica jesus jill jim jo joan joanna joanne joe joel johan johanna
johannes john johnny jon jonas jonathan jordan jorge jose josef joseph josephine joshua joyce juan juana
juanita judith judy julia julian juliana julie julien june jurgen justin kai karen karin karl karla
karolina kate katharina katherine kathleen kathryn kathy katie katrin keith kelly ken kenneth kerstin kevin
kim kimberly klara klaus kristen kristin kurt kyle lara lars laura lauren laurence laurent lea leah lee
lena leo leon leonardo leonie leslie levi liam lidia lillian lily linda lisa liz logan lois lorena lorenzo
lori louis louise luc luca lucas lucia lucy ludwig luis luisa lukas luke lynn maciej madison magdalena
maja malgorzata manfred manon manuel manuela marc marco marcus margaret margarita maria mariana marie
marina mario marion marjorie mark markus marlene marta martha martin martina martine mary marzena mason
mateo mateusz mathilde matteo matthew matthias maurice max maximilian maya megan mehmet melanie melissa
mia michael michal michel michelle miguel mike mila milan mohamed mohammed monica monika monique muhammad
murphy nadia nadine naomi natalia natalie nathalie nathan neil nicholas nick nicola nicolas nicole niels
nina noah noemi nora norbert norma norman olga oliver olivia olivier omar oscar oskar otto owen pablo
pamela paola pascal patricia patrick patrizia paul paula pauline pawel pedro peggy penelope peter petra
philip philipp philippe phillip phoebe phyllis pierre pieter piotr rachel rafael rainer ralf ralph ramon
randy raphael raul raymond rebecca regina renate rene ricardo richard rick rita robert roberto robin
rodrigo roger roland ron ronald rosa rosalie rose rosemary roxane roy ruben rudolf russell ruth ryan
sabine sabrina sally sam samantha samuel sandra santiago sara sarah scott sean sebastian sergio seth
shannon sharon shaun sheila shirley silke silvia simon simone sofia sofie sonia sophia sophie stacy
stanislaw stefan stefania stefanie stella stephan stephane stephanie stephen steve steven stuart sue susan
susanne suzanne sven sylvia sylvie tamara tanja tanya tara teresa terry theo theodore theresa thierry
thomas tiffany tim timothy tina tobias todd tom tomasz tony tracy travis tyler ulrich ulrike ursula uwe
valentina valerie vanessa vera verena veronica vicki victor victoria vincent viola virginia vivian
walter wanda wayne wendy werner wilhelm william willie wojciech wolfgang xavier yannick yasmin yves
yvette yvonne zachary zoe zofia
aarav aditya ahmed ajay ali aliya alisher amir amit anil anjali arjun aryan ayse aziz bilal chen deepak
dmitri dmitry ekaterina emre fatma feng haruto hiroshi hui hung huseyin ibrahim igor irfan jian jing
kavita kenji khalid kiran kumar lei ling linh mei min ming minh mustafa nasser natasha nguyen oleg osman
pooja pradeep priya rahul rajesh ravi rohan sakura sanjay sergei sergey shreya sunil sunita svetlana
takashi tatiana vijay vikram vladimir wei xiao yan yang ying yuki yusuf zainab zeynep
"""
GIVEN_NAMES: frozenset[str] = frozenset(_FREQUENT.split())
