using CsCheck;

namespace Weft.Graphs.Tests.Execution;

/// <summary>The laws of DeterminismTests on graphs of any shape.</summary>
public sealed class RandomGraphTests
{
    [Fact]
    public async Task The_history_is_the_same_whatever_time_nodes_take() =>
        await Gen.Select(RandomGraph.Gen, Gen.Int[0, 12].Array[7]).SampleAsync(
            async (graph, paces) =>
            {
                var next = 0;
                var straight = await HistoryAsync(graph.Build(_ => Task.CompletedTask));
                var shuffled = await HistoryAsync(graph.Build(async _ =>
                {
                    for (var turns = paces[Interlocked.Increment(ref next) % paces.Length]; turns > 0; turns--)
                    {
                        await Task.Yield();
                    }
                }));
                shuffled.ShouldBe(straight);
            },
            iter: 500);

    /// <summary>Storage that fails from some write on ends a run as if the process had died.</summary>
    [Fact]
    public async Task A_run_that_died_after_any_write_goes_on_to_the_same_history() =>
        await Gen.Select(RandomGraph.Gen, Gen.Int[1, 20]).SampleAsync(
            async (graph, survives) =>
            {
                var compiled = graph.Build(_ => Task.CompletedTask);
                var writes = 0;
                var isDead = true;
                Task WriteAsync() =>
                    isDead && Interlocked.Increment(ref writes) > survives ? throw new IOException("died") : Task.CompletedTask;
                var thread = new ThreadUnderTest(compiled)
                {
                    Checkpointer = new RecordingCheckpointer { OnPut = _ => WriteAsync(), OnPutOutcome = _ => WriteAsync() },
                };
                thread.Options = thread.Options with { Durability = Durability.Sync };
                if (await Record.ExceptionAsync(() => AnswerAllAsync(thread, () => thread.RunAsync())) is IOException)
                {
                    isDead = false;
                    await AnswerAllAsync(thread, thread.ContinueAsync);
                }

                (await LinesAsync(thread)).ShouldBe(await HistoryAsync(compiled));
            },
            iter: 500);

    private static async Task<string> HistoryAsync(CompiledGraph graph)
    {
        var thread = new ThreadUnderTest(graph);
        await AnswerAllAsync(thread, () => thread.RunAsync());
        return await LinesAsync(thread);
    }

    private static async Task AnswerAllAsync(ThreadUnderTest thread, Func<Task<GraphRunResult>> run)
    {
        for (var result = await run(); result.IsPaused;)
        {
            var answers = result.Interrupts.Select(interrupt => interrupt.Id).Distinct().Select(id => $"\"{id}\":\"yes\"");
            result = await thread.ResumeAsync($"{{{string.Join(',', answers)}}}");
        }
    }

    private static async Task<string> LinesAsync(ThreadUnderTest thread) => string.Join(
        '\n', (await thread.HistoryAsync()).Select(state => $"{state.Checkpoint.Step} {state.Json()} {string.Join(',', state.Next)}"));
}
