"""An OpenAPI document's bytes → its operations; operations and endpoints → where they differ."""

from .compare import compare
from .document import LARGEST, read

__all__ = ["LARGEST", "compare", "read"]
