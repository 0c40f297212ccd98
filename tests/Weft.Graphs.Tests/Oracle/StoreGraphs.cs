using System.Text.Json;
using System.Text.Json.Nodes;
using static Weft.Graphs.Tests.Oracle.OracleParts;

namespace Weft.Graphs.Tests.Oracle;

/// <summary>The graphs of <c>tests/oracle/scenarios/store.mjs</c>.</summary>
internal static class StoreGraphs
{
    public static OracleGraph Build(string scenario) => scenario switch
    {
        "put_and_get" => State()
            .AddNode("put", async (context, cancellationToken) =>
            {
                await context.Store.PutAsync(
                    ["users", context.Get(Name)!], "likes", Json("""{"tea":true}"""), cancellationToken: cancellationToken);
                return NoteIn("put");
            })
            .AddNode("get", async (context, cancellationToken) =>
            {
                var item = (await context.Store.FindAsync(["users", context.Get(Name)!], "likes", cancellationToken: cancellationToken))!;
                var none = await context.Store.FindAsync(["users", context.Get(Name)!], "nothing", cancellationToken: cancellationToken);
                return new StateUpdate()
                    .Add(Trail, [$"{item.Value}", item.Key, string.Join('/', item.Namespace), none is null ? "null" : "some"]);
            }).Chain("put", "get").Compile(),
        "search" => State()
            .AddNode("put", PutSeveralAsync)
            .AddNode("search", SearchAsync)
            .AddNode("remove", RemoveAsync)
            .Chain("put", "search", "remove")
            .Compile(),
        "in_subgraph" => State()
            .AddNode("sub", State().AddNode("put", async (context, cancellationToken) =>
            {
                await context.Store.PutAsync(["s"], "k", Json("""{"v":1}"""), cancellationToken: cancellationToken);
                return NoteIn("put");
            }).Chain("put").Compile())
            .AddNode(
                "get",
                async (context, cancellationToken) =>
                    NoteIn($"{(await context.Store.FindAsync(["s"], "k", cancellationToken: cancellationToken))!.Value}"))
            .Chain("sub", "get").Compile(),
        "over_runs" => State().AddNode("tally", async (context, cancellationToken) =>
        {
            var n = ((await context.Store.FindAsync(["c"], "n", cancellationToken: cancellationToken))?.Value.GetProperty("n").GetInt32() ?? 0) + 1;
            await context.Store.PutAsync(["c"], "n", Json($$"""{"n":{{n}}}"""), cancellationToken: cancellationToken);
            return context.Get(Name) == "fail" ? throw new InvalidOperationException("after the put") : NoteIn($"{n}");
        }).Chain("tally").Compile(),
        _ => throw new InvalidOperationException($"Build the graph of '{scenario}' here, as store.mjs does."),
    };

    private static async Task<NodeResult> PutSeveralAsync(NodeContext context, CancellationToken cancellationToken)
    {
        await context.Store.PutAsync(["a"], "one", Json("""{"n":1,"kind":"odd"}"""), cancellationToken: cancellationToken);
        await context.Store.PutAsync(["a", "b"], "two", Json("""{"n":2,"kind":"even"}"""), cancellationToken: cancellationToken);
        await context.Store.PutAsync(["a", "b"], "three", Json("""{"n":3,"kind":"odd"}"""), cancellationToken: cancellationToken);
        await context.Store.PutAsync(["ab"], "four", Json("""{"n":4,"kind":"even"}"""), cancellationToken: cancellationToken);
        return StateUpdate.None;
    }

    private static async Task<NodeResult> SearchAsync(NodeContext context, CancellationToken cancellationToken)
    {
        return new StateUpdate().Add(
            Trail,
            [
                await FoundAsync(["a"]), await FoundAsync(["a", "b"]), await FoundAsync(["a"], new ItemQuery { Filter = ItemFilter.Parse("""{"kind":"odd"}""") }),
                await FoundAsync(
                    ["a"],
                    new ItemQuery { Filter = ItemFilter.Parse("""{"n":{"$gte":2}}""") }), await FoundAsync(["a"], new ItemQuery { Limit = 1, Offset = 1 }), await FoundAsync([]),
            ]);

        async Task<string> FoundAsync(ItemNamespace prefix, ItemQuery? query = null) =>
            string.Join('+', (await context.Store.SearchAsync(prefix, query, cancellationToken)).Select(item => item.Key));
    }

    private static async Task<NodeResult> RemoveAsync(NodeContext context, CancellationToken cancellationToken)
    {
        await context.Store.DeleteAsync(["a", "b"], "two", cancellationToken);
        await context.Store.PutAsync(["a"], "one", Json("""{"n":10}"""), cancellationToken: cancellationToken);
        return NoteIn($"{(await context.Store.FindAsync(["a"], "one", cancellationToken: cancellationToken))!.Value}");
    }

    private static JsonElement Json(string json) => JsonElement.Parse(json);
}
