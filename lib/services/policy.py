"""Policy (权限): who may see what. Roles and the full table come with sign-in; today everybody is a viewer."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a name and a role."""

    name: str
    role: str

    def may_see(self, page: str) -> bool:
        """Whether the actor may open a page."""
        return self.role == "viewer" and page in OPEN_PAGES


OPEN_PAGES = frozenset({"overview", "phases", "health", "rules"})
VIEWER = Actor("", "viewer")
