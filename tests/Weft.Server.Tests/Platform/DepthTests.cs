using System.Text;
using Weft.Graphs;

namespace Weft.Server.Tests.Platform;

/// <summary>What may be sent may be read again, wherever it is shown, however deep it nests.</summary>
public sealed class DepthTests(SharedServer shared) : ServerTests(shared)
{
    [Fact]
    public async Task All_that_is_taken_can_be_read()
    {
        var refused = 0;
        foreach (var depth in (int[])[60, 64, 65, 500, 890, 895, 896, 897, 898, 899, 900, 901, 905, 910, 1100])
        {
            var deep = string.Concat(Enumerable.Repeat("{\"a\":", depth)) + "1" + new string('}', depth);
            foreach (var body in (string[])[
                $$"""{"assistant_id":"echo","input":{"messages":[{"type":"human","content":"x","additional_kwargs":{{deep}} }] } }""",
                $$"""{"assistant_id":"configured","input":{},"context":{{deep}} }""",
                $$"""{"assistant_id":"echo","input":{},"metadata":{{deep}},"config":{"configurable":{"x":{{deep}} } } }"""])
            {
                var thread = await Root.NewThreadAsync();
                var answer = await Root.PostAsync($"/threads/{thread}/runs/wait", body);
                if (answer.Status == 422)
                {
                    refused++;
                    continue;
                }

                answer.ShouldBeOk();
                foreach (var path in (string[])["", "/state", "/history", "/runs"])
                {
                    (await Root.GetAsync($"/threads/{thread}{path}")).ShouldBeOk();
                }

                (await Root.PostAsync($"/threads/{thread}/copy", "{}")).ShouldBeOk();
            }

            var asking = await Root.NewThreadAsync();
            await Root.PostAsync($"/threads/{asking}/runs/wait", """{"assistant_id":"asking","input":{}}""");
            if ((await Root.PostAsync($"/threads/{asking}/runs/wait", $$"""{"assistant_id":"asking","command":{"resume":{{deep}} } }""")).Status == 200)
            {
                (await Root.GetAsync($"/threads/{asking}/history")).ShouldBeOk();
            }
        }

        refused.ShouldBeInRange(3, 30);
    }

    [Fact]
    public async Task A_state_that_was_read_can_be_sent_back()
    {
        const int depth = 890;
        var deep = string.Concat(Enumerable.Repeat("{\"a\":", depth)) + "1" + new string('}', depth);
        var thread = await Root.NewThreadAsync();
        await Root.PostAsync(
            $"/threads/{thread}/runs/wait",
            $$"""{"assistant_id":"echo","input":{"messages":[{"type":"human","id":"m","content":"x","additional_kwargs":{{deep}} }] } }""");
        var values = await ValuesAsync(thread);

        (await Root.PostAsync($"/threads/{thread}/state", $$"""{"values":{{values}} }""")).ShouldBeOk();

        (await ValuesAsync(thread)).ShouldBe(values);
    }

    private async Task<string> ValuesAsync(string thread) =>
        GraphJson.Parse(Encoding.UTF8.GetBytes((await Root.GetAsync($"/threads/{thread}/state")).ShouldBeOk().Text))
            .GetProperty("values")
            .GetRawText();
}
