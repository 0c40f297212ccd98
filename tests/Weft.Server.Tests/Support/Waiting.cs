using System.Globalization;

namespace Weft.Server.Tests;

/// <summary>Waits that end, and say what they waited for.</summary>
internal static class Waiting
{
    // Tests of several processes wait longer, which their project sets.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(
        Convert.ToInt32(AppContext.GetData("Weft.Tests.WaitSeconds") ?? 30, CultureInfo.InvariantCulture));

    public static async Task<T> Within<T>(this Task<T> task, string expected)
    {
        await ((Task)task).Within(expected);
        return await task;
    }

    public static Task Within(this Task task, string expected) => task.Within(Limit, expected);

    public static async Task Within(this Task task, TimeSpan limit, string expected)
    {
        try
        {
            await task.WaitAsync(limit, TestContext.Current.CancellationToken);
        }
        catch (TimeoutException) when (!task.IsCompleted)
        {
            throw new TimeoutException($"Waited {limit.TotalSeconds} seconds for {expected}; it did not happen.");
        }
    }

    /// <summary>Waits for what the server does of its own accord and tells nobody of.</summary>
    public static async Task Until(Func<Task<bool>> condition, string expected)
    {
        async Task AskAsync()
        {
            while (!await condition())
            {
                await Task.Delay(TimeSpan.FromMilliseconds(10), TestContext.Current.CancellationToken);
            }
        }

        await AskAsync().Within(expected);
    }
}
