using System.Net;
using System.Text.Json;
using Weft.Server.Tests;

namespace Weft.Samples.Tests;

public sealed class RetrievalTests
{
    [Fact]
    public async Task The_agent_finds_the_page_that_means_the_question()
    {
        await using var sample = await RunningSample.StartAsync("Retrieval");
        (string Key, string Text)[] pages =
        [
            ("oil", "Put a drop of oil on the treadles once a month, or they squeak."),
            ("warp", "Wind the warp onto the beam with even tension."),
            ("light", "Do not leave silk in the sun, because its colours fade."),
        ];
        foreach (var (key, text) in pages)
        {
            (await sample.Api.SendAsync(
                HttpMethod.Put, "/store/items", $$$"""{"namespace":["manual"],"key":"{{{key}}}","value":{"text":"{{{text}}}"}}"""))
                .ShouldBe(HttpStatusCode.NoContent);
        }

        // A put waits only for a moment until its item can be ranked.
        await Waiting.Until(
            async () =>
            {
                var found = await sample.Api.PostAsync("/store/items/search", """{"namespace_prefix":["manual"],"query":"silk"}""");
                return found.ShouldBeOk().Json.GetProperty("items").EnumerateArray()
                    .All(item => item.GetProperty("score").ValueKind == JsonValueKind.Number);
            },
            "all pages to be ranked");

        var done = await sample.Api.PostAsync(
            "/runs/wait", """{"assistant_id":"helper","input":{"messages":"My pedals are noisy. What can I do?"}}""");

        done.Said().ShouldBe($"The manual says: {pages[0].Text}");
    }
}
