from __future__ import annotations

from playground.comfyui.graph import execution_order, is_link, needed, signatures


def graph(**nodes):
    """Nodes by their sources: ``graph(a=[], b=["a"])``."""
    return {
        key: {"class_type": key, "inputs": {f"in{at}": [source, 0] for at, source in enumerate(sources)}}
        for key, sources in nodes.items()
    }


def order(nodes, outputs, cached=()):
    return execution_order(nodes, outputs, cached, lambda node_id: node_id.startswith("save"))


def test_what_is_two_links_from_an_output_goes_before_what_is_further():
    nodes = graph(vae=[], noise=[], model=[], sample=["model", "noise"], decode=["vae", "sample"], save=["decode"])
    assert order(nodes, ["save"]) == ["vae", "noise", "model", "sample", "decode", "save"]


def test_an_output_goes_as_soon_as_it_can():
    nodes = graph(a=[], b=["a"], save1=["b"], c=["b"], save2=["c"])
    assert order(nodes, ["save1", "save2"]) == ["a", "b", "save1", "c", "save2"]


def test_what_is_cached_is_not_entered_but_an_output_is():
    nodes = graph(a=[], b=["a"], save=["b"])
    assert order(nodes, ["save"], ["a"]) == ["b", "save"]
    assert order(nodes, ["save"], ["a", "b", "save"]) == ["save"]


def test_only_what_reaches_an_output_is_needed():
    assert needed(graph(a=[], b=["a"], alone=["a"]), ["b"]) == {"a", "b"}


def test_links_are_told_from_lists():
    assert is_link(["1", 0])
    assert not any(is_link(value) for value in (["1"], ["1", "0"], [1, 0], "1", ["1", 0, 0]))


def test_a_signature_depends_on_everything_upstream_and_on_its_stamp():
    before = graph(a=[], b=["a"], c=["b"])
    after = graph(a=[], b=["a"], c=["b"])
    after["a"]["inputs"]["x"] = 1
    first, second = signatures(before, ["c"], str), signatures(after, ["c"], str)
    assert all(first[key] != second[key] for key in "abc")
    assert signatures(before, ["c"], lambda _: 7)["c"] != first["c"]
