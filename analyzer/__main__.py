"""`python -m analyzer`: the same as the console script."""

from analyzer.start import main

if __name__ == "__main__":
    main()
