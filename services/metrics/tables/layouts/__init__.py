"""How sections of a table are laid out. Each is pure: it says what it asks, and makes a part of the answers."""

from services.metrics.tables.layouts.allocation import Allocation
from services.metrics.tables.layouts.balances import Balances
from services.metrics.tables.layouts.comparison import Comparison
from services.metrics.tables.layouts.groups import Groups
from services.metrics.tables.layouts.months import Months
from services.metrics.tables.layouts.naming import Undeclared
from services.metrics.tables.layouts.priorities import Priorities
from services.metrics.tables.layouts.sources import Sources
from services.metrics.tables.layouts.statement import Statement

AnySection = Allocation | Balances | Comparison | Groups | Months | Priorities | Sources | Statement

__all__ = ["AnySection", "Undeclared"]
