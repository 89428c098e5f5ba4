"""`python -m wardmates` is the command `wardmates`."""

from wardmates.cli import app

if __name__ == "__main__":
    app(prog_name="wardmates")
