"""How is Weighbridge asked without a browser? `python -m analytics VERB`."""

import sys

from analytics.cli import main

if __name__ == "__main__":
    sys.exit(main())
