"""Run the command line as `python -m seglib`."""

from seglib.cli import main

if __name__ == "__main__":
    main()
