namespace Weft.Server.Tests;

/// <summary>Waits that end, and say what they waited for.</summary>
internal static class Waiting
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    public static async Task<T> Within<T>(this Task<T> task, string expected)
    {
        await ((Task)task).Within(expected);
        return await task;
    }

    public static async Task Within(this Task task, string expected)
    {
        try
        {
            await task.WaitAsync(Limit, TestContext.Current.CancellationToken);
        }
        catch (TimeoutException) when (!task.IsCompleted)
        {
            throw new TimeoutException($"Waited {Limit.TotalSeconds} seconds for {expected}; it did not happen.");
        }
    }
}
