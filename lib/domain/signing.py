"""Who may act (办理单位): which part of a step an act fulfils, by name or by the role a body holds for a document."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from lib.domain.normalise import key
from lib.domain.world import World
from sheets_schema.documents import Approval, Document
from sheets_schema.plan import RoleKey
from sheets_schema.plan_chains import Scope, Step
from sheets_schema.sheet import YesNo


def signing_parts(act: Approval, step: Step, document: Document, world: World) -> frozenset[str]:
    """Which parts of a step an act fulfils: actors it is one of, or items it may sign; empty when it may not act.

    A body that is two of the actors at once (the lead that also supervises) fulfils both with one act.
    """
    if step.mode == "items":
        named = [item for item in step.items if act.item is None or key(act.item) == key(item.item)]
        return frozenset(item.item for item in named if _acting(act, item.actors, document, world))
    return _acting(act, step.actors, document, world)


def may_act(step: Step, document: Document, world: World) -> dict[str, frozenset[str]]:
    """Who may take a step of a document, in the order of the chain: name → the parts of the step it fulfils."""
    parts = [(item.item, actor) for item in step.items for actor in item.actors]
    if step.mode != "items":
        parts = [(actor, actor) for actor in step.actors]
    found: dict[str, frozenset[str]] = {}
    for part, actor in parts:
        for who in _holders(actor, document, world):
            found[who] = found.get(who, frozenset()) | {part}
    return found


def whose_turn(step: Step, document: Document, world: World, signed: Collection[str] = ()) -> tuple[str, ...]:
    """Those of them whose parts are not all ``signed``; for the pilot itself its supervising unit, because pilots have
    no accounts."""
    association = world.associations.get(document.association or "")
    accounts = {association.name: association.unit} if association else {}
    left = (who for who, parts in may_act(step, document, world).items() if not parts <= frozenset(signed))
    return tuple(dict.fromkeys(accounts.get(who, who) for who in left))


def _holders(actor: str, document: Document, world: World) -> list[str]:
    """The bodies by name that are an actor of a chain, or hold that role for a document."""
    plan = world.plan
    if actor == plan.role(RoleKey.PILOT):
        association = world.associations.get(document.association or "")
        return [association.name] if association else []
    if any(actor == role.name for role in plan.roles.values()):
        return [unit for unit in world.units if _holds_role(unit, actor, document, world)]
    return [world.who(actor)]


def _acting(act: Approval, actors: Sequence[str], document: Document, world: World) -> frozenset[str]:
    who = world.who(act.actor)
    found = frozenset([a for a in actors if world.who(a) == who or _holds_role(who, a, document, world)])
    return found or frozenset(actors[:1] if act.on_behalf is YesNo.YES else ())


def _holds_role(who: str, role: str, document: Document, world: World) -> bool:
    """Whether a body may act where the chain names a role, for this very document."""
    plan = world.plan
    association = world.associations.get(document.association or "")
    if role == plan.role(RoleKey.PILOT):
        return association is not None and world.who(association.name) == who
    if role == plan.role(RoleKey.SUPERVISOR):
        return who in (document.unit, association.unit if association else None)
    if plan.kinds[document.kind].per is Scope.UNIT and who != document.unit:
        return False
    return role in world.roles_of(who)
