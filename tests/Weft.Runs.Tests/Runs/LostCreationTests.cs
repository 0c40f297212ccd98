using System.Reflection;
using System.Runtime.ExceptionServices;
using Microsoft.Extensions.DependencyInjection;

namespace Weft.Runs.Tests.Runs;

/// <summary>A creation is stored, but the server does not learn that.</summary>
public sealed class LostCreationTests
{
    [Fact]
    public async Task A_run_whose_creation_had_no_answer_is_executed_at_its_place()
    {
        await using var runs = await RunsUnderTest.StartAsync(add: services =>
        {
            var stored = services.Single(service => service.ServiceType == typeof(IRunStore));
            services.AddSingleton(provider => Losing.Of(
                (IRunStore)ActivatorUtilities.CreateInstance(provider, stored.ImplementationType!), "lost"));
        });
        var thread = await runs.NewThreadAsync();
        var first = await runs.CreateAsync(thread, "hold");
        await runs.HoldOf("hold").Reached.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);

        await Should.ThrowAsync<StorageUnavailableException>(runs.CreateAsync(thread, "lost"));
        var last = await runs.CreateAsync(thread, "last");
        runs.HoldOf("hold").Released.SetResult();

        (await runs.EndAsync(last)).Status.ShouldBe(RunStatus.Success);
        (await runs.StatusAsync(first)).ShouldBe(RunStatus.Success);
        (await runs.TrailAsync(thread)).ShouldBe("note:hold reply:hold note:lost reply:lost note:last reply:last");
    }

    /// <summary>Runs that are stored; the answer to the creation of one is lost.</summary>
    public class Losing : DispatchProxy
    {
        private IRunStore _store = null!;
        private string _text = "";

        internal static IRunStore Of(IRunStore store, string text)
        {
            var losing = Create<IRunStore, Losing>();
            ((Losing)(object)losing)._store = store;
            ((Losing)(object)losing)._text = text;
            return losing;
        }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            try
            {
                var answer = targetMethod!.Invoke(_store, args);
                return args is [RunCreation creation, ..] && RunKwargs.Read(creation.Run).Input!.Value.GetProperty("text").GetString() == _text
                    ? LoseAsync((Task)answer!)
                    : answer;
            }
            catch (TargetInvocationException e)
            {
                ExceptionDispatchInfo.Throw(e.InnerException!);
                throw;
            }
        }

        private static async Task<RunCreated> LoseAsync(Task answer)
        {
            await answer;
            throw new StorageUnavailableException(StorageFault.Failing);
        }
    }
}
