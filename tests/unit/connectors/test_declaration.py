"""A declaration is checked, and what is wrong with it is said in words that name the place."""

import pytest

from webapp.claims import states as claims
from webapp.core.errors import Invalid, NotFound
from webapp.sync.connectors import registry
from webapp.sync.connectors.declaration import parse
from webapp.tickets import states

MYNAGA = registry.source("mynaga")
STATUSES = {
    "ticket": set(states.STATUSES),
    "bordereau": set(claims.BORDEREAU_STATUSES),
    "bulletin": set(claims.BULLETIN_STATUSES),
}


@pytest.mark.parametrize("kind", registry.kinds())
def test_every_built_in_declaration_is_right_and_maps_to_our_statuses_only(kind: str) -> None:
    declaration = registry.get(kind)
    assert declaration.name == kind
    kinds = {declaration.record, *(name for shape in declaration.shapes for name in shape.children)}
    for own in map(declaration.of_kind, kinds):
        statuses = STATUSES[own.target]
        for shape in own.shapes:
            words = shape.values[shape.fields["status"].values or ""]
            assert set(words.in_.values()) <= statuses
            assert set(words.out) <= statuses


def test_the_kinds_are_listed_the_usual_ones_first() -> None:
    assert registry.kinds()[:3] == ("mynaga", "tuniclaim", "open311")
    assert registry.kinds()[-1] == "blank"


def test_a_kind_that_is_not_there_is_not_found() -> None:
    with pytest.raises(NotFound):
        registry.get("../mynaga")


@pytest.mark.parametrize(
    ("found", "put", "said"),
    [
        (
            "path: /reports\n",
            "pathh: /reports\n",
            "shapes › contract › list › pathh: is not known here (did you mean path?)",
        ),
        ("path: /reports\n", "pathh: /reports\n", "shapes › contract › list › path: is missing"),
        ("kind: cursor", "kind: cursed", "kind must be one of"),
        (
            "values: status}",
            "values: stat}",
            "field status names the value map stat, which is not there",
        ),
        ("[first_line]", "[frist_line]", "there is no transform 'frist_line'"),
        ('{country: "63"}', '{contry: "63"}', "the transform phone knows no contry"),
        ("barangay: barangay", "barangai: barangay", "maps barangai; a ticket has only"),
        ("Asia/Manila", "Asia/Manilla", "is not a time zone"),
        ("  In Progress: in_progress", "  yes: in_progress", "put quotes around true"),
        ("items: data", "items: [data", "line "),
        ("size: 200", "size: '200'", "size: input should be a valid integer"),
        ("size: 200", "size: 5000", "less than or equal to 1000"),
        ("name: observed", "name: contract", "two shapes have the same name"),
        ('get: {path: "/reports/{id}"}', "get: {path: /reports}", "get.path must hold {id}"),
        ("name: Authorization", "prefix: x", "needs a name"),
        ("path: /reports\n", "path: https://evil.example/\n", "path: string should match"),
    ],
)
def test_an_error_names_its_place(found: str, put: str, said: str) -> None:
    assert found in MYNAGA
    with pytest.raises(Invalid) as caught:
        parse(MYNAGA.replace(found, put, 1))
    assert said in caught.value.message


@pytest.mark.parametrize(
    "text",
    [
        "",
        "- a",
        "just words",
        "{",
        "a: &a [*a]",
        "a: 2026-13-40",
        "[" * 5000,
        "!!python/object/apply:os.system ['id']",
    ],
)
def test_what_is_no_declaration_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(Invalid, match="The declaration is not right"):
        parse(text)


def test_a_text_that_explodes_is_refused() -> None:
    laughs = "a: &a [x, x]\n" + "\n".join(
        f"{c}: &{c} [{', '.join([f'*{p}'] * 9)}]" for p, c in zip("abcdefg", "bcdefgh", strict=True)
    )
    with pytest.raises(Invalid, match="too large or refers to itself"):
        parse(laughs)
    with pytest.raises(Invalid, match="too long"):
        parse("a" * 300_000)


def test_a_paging_that_is_only_hoped_for_is_not_enough() -> None:
    with pytest.raises(Invalid, match="needs one entry without `prove`"):
        parse(
            MYNAGA.replace(
                "required: true, size_param", "required: true, prove: true, size_param", 1
            )
        )


def test_a_connection_may_bring_its_own_declaration() -> None:
    edited = MYNAGA.replace("title: MyNaga\n", "title: MyNaga of Iriga\n", 1)
    assert registry.declaration_for("mynaga", edited).title == "MyNaga of Iriga"
    assert registry.declaration_for("mynaga", None).title == "MyNaga"
