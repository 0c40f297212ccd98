namespace Weft.Server.Tests.Openapi;

/// <summary>What the platform's OpenAPI document has and ours does not, and why. A <c>*</c> stands for any text.</summary>
internal static class PlatformAbsences
{
    public static IReadOnlyList<(string Facts, string Reason)> All { get; } =
    [
        ("POST /a2a/{assistant_id} header:Accept*", "The method says whether the answer is JSON or events."),
        ("POST /a2a/{assistant_id} body.method = *", "There are more methods, of two versions of the protocol."),
        ("POST /a2a/{assistant_id} body.params.*", "The parameters depend on the method. docs/protocol/a2a.md describes them."),
        ("POST /a2a/{assistant_id} 200 json.*", "The result depends on the method."),
        ("POST /a2a/{assistant_id} 500", "Errors of methods have the status 200."),
        ("* /mcp/*", "The path is described without the slash at its end, with which it is served too. Only POST is a method of its own."),
        ("GET /metrics*", "Applications choose the exporter of their metrics. The host serves Prometheus' format at this path."),
        ("GET /info 200 json.langgraph_py_version string", "There is no Python package. `version` is the version of the server."),
        ("GET /ok 500", "A storage that does not answer is reported with 503."),
        ("DELETE /* 200*", "A deletion is answered with 204, which both SDKs accept and the platform's server sends."),
        ("GET /store/items 400", "A parameter that is not valid is refused with 422, as everywhere."),
        ("POST /*/count 404", "A count of nothing is 0."),
        ("POST /assistants/search 404", "A search that finds nothing returns an empty list."),
        ("POST /threads/{thread_id}/copy 409", "The copy has a new id, so it conflicts with nothing."),
        ("POST /runs* 409", "A stateless run has a thread of its own, so no other run is in its way."),
        ("Assistant.updated_at string", "Only in the list of versions: a version does not change, and the SDKs' type of it has no such member."),
        ("GET /assistants/{assistant_id}/graph 200 json.*", "The members are described by their names: `nodes` and `edges`."),
        ("ListNamespaceResponse*", "Both SDKs expect an object with `namespaces`, and the platform's server sends one."),
        ("*.interrupt_before = *", "`*` is one of the texts that the description explains; the others are names of nodes."),
        ("*.interrupt_after = *", "`*` is one of the texts that the description explains; the others are names of nodes."),
    ];
}
