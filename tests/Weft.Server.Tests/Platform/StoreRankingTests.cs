using System.Net;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Weft.Graphs;

namespace Weft.Server.Tests.Platform;

/// <summary>Search of the store by meaning, for clients and for nodes (docs/protocol/store.md).</summary>
public sealed class StoreRankingTests
{
    private static readonly LastValueChannel<string> Best = Channel.LastValue<string>("best");

    [Fact]
    public async Task A_query_ranks_and_has_scores_and_index_chooses_what_is_embedded()
    {
        var generator = new LetterGenerator();
        await using var server = await StartAsync(generator);
        await PutAsync(server, "a", """{"text":"aaaa"}""");
        await PutAsync(server, "b", """{"text":"bbbb"}""");
        await PutAsync(server, "hidden", """{"text":"aaaa"}""", ""","index":false""");
        await PutAsync(server, "other", """{"text":"aaaa","tags":[{"t":"bbb"},{"t":"ccc"}]}""", ""","index":["tags[*].t"]""");

        var items = await SearchAsync(server, "bb");

        items.Select(item => item.Text("key")).ShouldBe(["other", "b", "a", "hidden"]);
        items[1].GetProperty("score").GetDouble().ShouldBe(1, 0.001);
        items[2].GetProperty("score").GetDouble().ShouldBe(0, 0.001);
        items[3].GetProperty("score").ValueKind.ShouldBe(JsonValueKind.Null);
        (await SearchAsync(server, "bb", ""","filter":{"text":"aaaa"},"limit":1,"offset":1"""))
            .Select(item => item.Text("key")).ShouldBe(["a"]);
        (await server.Root.PostAsync("/runs/wait", """{"assistant_id":"remembering","input":{}}"""))
            .ShouldBeOk().Json.Text("best").ShouldBe("other");
    }

    [Fact]
    public async Task A_wrong_path_is_refused_and_a_model_that_is_down_answers_503_and_loses_nothing()
    {
        var generator = new LetterGenerator();
        await using var server = await StartAsync(generator);
        (await server.Root.SendAsync(HttpMethod.Put, "/store/items", """{"namespace":["n"],"key":"k","value":{},"index":["a["]}"""))
            .ShouldBe(HttpStatusCode.UnprocessableEntity).Detail.ShouldContain("index");
        generator.IsDown = true;
        await PutAsync(server, "a", """{"text":"aaaa"}""");

        var refused = await server.Root.PostAsync("/store/items/search", """{"namespace_prefix":["n"],"query":"a"}""");
        refused.ShouldBe(HttpStatusCode.ServiceUnavailable).Detail.ShouldContain("embedding model");
        (await SearchAsync(server, null)).Select(item => item.Text("key")).ShouldBe(["a"]);
        generator.IsDown = false;

        await Waiting.Until(
            async () => (await SearchAsync(server, "a"))[0].GetProperty("score").ValueKind == JsonValueKind.Number, "the item to be embedded");
    }

    private static Task<TestServer> StartAsync(LetterGenerator generator) => TestServer.StartAsync(add: weft =>
    {
        weft.Services.AddSingleton<IEmbeddingGenerator<string, Embedding<float>>>(generator);
        weft.UseItemIndex(options => options.Fields = ["text"]);
        weft.AddGraph("remembering", new StateGraph().AddChannel(Best).AddNode("ask", async (context, stop) =>
        {
            var found = await context.Store.SearchAsync(["n"], new ItemQuery { Query = "bb", Limit = 1 }, stop);
            return new StateUpdate().Set(Best, found.Single().Key);
        }).AddEdge(StateGraph.Start, "ask").Compile());
    });

    private static async Task PutAsync(TestServer server, string key, string value, string more = "") =>
        (await server.Root.SendAsync(HttpMethod.Put, "/store/items", $$"""{"namespace":["n"],"key":"{{key}}","value":{{value}}{{more}}}"""))
            .ShouldBe(HttpStatusCode.NoContent);

    private static async Task<List<JsonElement>> SearchAsync(TestServer server, string? query, string more = "")
    {
        var body = $$"""{"namespace_prefix":["n"],"query":{{(query is null ? "null" : $"\"{query}\"")}}{{more}}}""";
        return [.. (await server.Root.PostAsync("/store/items/search", body)).ShouldBeOk().Json.GetProperty("items").EnumerateArray()];
    }

    /// <summary>Counts the letters a to z.</summary>
    private sealed class LetterGenerator : IEmbeddingGenerator<string, Embedding<float>>
    {
        public bool IsDown { get; set; }

        public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
            IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default) =>
            IsDown
                ? throw new HttpRequestException("secret text of the model")
                : Task.FromResult(new GeneratedEmbeddings<Embedding<float>>(values.Select(text => new Embedding<float>(
                    Enumerable.Range('a', 26).Select(letter => (float)text.Count(found => found == letter)).ToArray()))));

        public object? GetService(Type serviceType, object? serviceKey = null) =>
            serviceType == typeof(EmbeddingGeneratorMetadata) ? new EmbeddingGeneratorMetadata("test", null, "letters", 26) : null;

        public void Dispose()
        {
        }
    }
}
