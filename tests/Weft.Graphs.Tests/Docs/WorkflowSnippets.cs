namespace Weft.Graphs.Tests.Docs;

public sealed class WorkflowSnippets : GuideSnippets
{
    [Fact]
    public async Task Essay()
    {
        // snippet: workflow
        var essay = Workflow.Create<string, string>("essay", async (topic, context, cancellationToken) =>
        {
            var draft = await context.StepAsync("draft", async stop =>
            {
                Console.WriteLine("drafting");
                await Task.Delay(1, stop);
                return $"An essay about {topic}";
            }, cancellationToken: cancellationToken);

            var verdict = context.Interrupt(new { draft, question = "Good?" });
            return $"{draft}: {verdict}";
        });

        var options = new GraphRunOptions { Checkpointer = new InMemoryCheckpointer() };
        var paused = await essay.RunAsync(GraphInput.Of("cats"), options);
        Console.WriteLine(paused.Interrupts[0].Value);

        var done = await essay.RunAsync(Command.ResumeWith("splendid"), options);
        Console.WriteLine(Workflow.OutputOf<string>(done.Values));
        // end

        Prints("workflow");
    }

    [Fact]
    public async Task Turns()
    {
        // snippet: workflow-previous
        var sum = Workflow.Create<int, int>("sum", (number, context, _) => Task.FromResult(context.Previous<int>() + number));

        var options = new GraphRunOptions { Checkpointer = new InMemoryCheckpointer() };
        await sum.RunAsync(GraphInput.Of(5), options);
        var done = await sum.RunAsync(GraphInput.Of(6), options);
        Console.WriteLine(Workflow.OutputOf<int>(done.Values));
        // end

        Prints("workflow-previous");
    }
}
