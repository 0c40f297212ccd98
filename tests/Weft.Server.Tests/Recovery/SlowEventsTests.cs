using System.Reflection;
using System.Runtime.ExceptionServices;
using Microsoft.Extensions.DependencyInjection;
using Weft.Runs;

namespace Weft.Server.Tests.Recovery;

/// <summary>Checkpoints and outcomes wait for events that are slow to store.</summary>
public sealed class SlowEventsTests
{
    [Theory]
    [InlineData("async")]
    [InlineData("sync")]
    [InlineData("exit")]
    public async Task A_question_is_shown_and_answered_though_its_events_were_stored_late(string durability)
    {
        var isStored = new TaskCompletionSource();
        using var folder = new TempFolder();
        await using var server = await TestServer.StartAsync(folder.Path, add: weft =>
        {
            weft.UseSqlite(Path.Combine(folder.Path, "weft.db"));
            var stored = weft.Services.Single(service => service.ServiceType == typeof(IStreamEventStore));
            weft.Services.AddSingleton(provider => Slow.Of(
                (IStreamEventStore)ActivatorUtilities.CreateInstance(provider, stored.ImplementationType!), isStored.Task));
        });
        var thread = await server.Root.NewThreadAsync();
        var more = $$""","stream_resumable":true,"stream_mode":["values","tasks"],"durability":"{{durability}}" """;
        var asked = server.Root.PostAsync($"/threads/{thread}/runs/stream", Bodies.Asking(more));

        // The run goes on until it waits for its events.
        await Task.Delay(200, TestContext.Current.CancellationToken);
        isStored.SetResult();

        var stream = (await asked).ShouldBeOk().Text;
        stream.ShouldContain("which one?");
        var state = (await server.Root.GetAsync($"/threads/{thread}/state")).ShouldBeOk().Json;
        var question = state.GetProperty("tasks")[0].GetProperty("interrupts")[0];
        question.Text("value").ShouldBe("which one?");
        (await server.Root.PostAsync(
            $"/threads/{thread}/runs/wait",
            $$$"""{"assistant_id":"asking","command":{"resume":{"{{{question.Text("id")}}}":"green"} } }"""))
            .ShouldBeOk().Json.Texts().ShouldBe(["you chose green"]);
    }

    /// <summary>Stored events, of which the first ones of a run are stored late.</summary>
    public class Slow : DispatchProxy
    {
        private IStreamEventStore _store = null!;
        private Task _isStored = Task.CompletedTask;

        internal static IStreamEventStore Of(IStreamEventStore store, Task isStored)
        {
            var slow = Create<IStreamEventStore, Slow>();
            ((Slow)(object)slow)._store = store;
            ((Slow)(object)slow)._isStored = isStored;
            return slow;
        }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            try
            {
                var answer = targetMethod!.Invoke(_store, args);
                return targetMethod.Name == nameof(IStreamEventStore.AppendAsync) ? WaitAsync((Task)answer!) : answer;
            }
            catch (TargetInvocationException e)
            {
                ExceptionDispatchInfo.Throw(e.InnerException!);
                throw;
            }
        }

        private async Task WaitAsync(Task answer)
        {
            await _isStored;
            await answer;
        }
    }
}
