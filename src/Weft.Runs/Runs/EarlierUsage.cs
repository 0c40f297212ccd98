using Microsoft.Extensions.Logging;
using Weft.Graphs;

namespace Weft.Runs;

/// <summary>
/// Counts the tokens of a run's earlier attempts, whose server stopped or died. Only what they stored is known: the messages.
/// </summary>
internal sealed partial class EarlierUsage(IMessageStore messages, SafeLogger<EarlierUsage> logger)
{
    private const int PageSize = 200;

    /// <summary>Adds what the messages say that the run added before this attempt. Those of this attempt are not counted again.</summary>
    public async ValueTask AddAsync(ActiveRun run, UsageCounter usage)
    {
        if (run.Attempt == 1)
        {
            return;
        }

        try
        {
            var after = 0L;
            for (var count = PageSize; count == PageSize;)
            {
                var page = await messages.OpenByRunAsync(run.ThreadId, run.RunId, PageSize, null, after, CancellationToken.None);
                await foreach (var message in page)
                {
                    usage.AddMessage(Message.FromJson(GraphJson.Parse(message.Content.Span)));
                    after = message.Seq;
                }

                count = page.Count;
            }
        }
        catch (Exception e)
        {
            // A sum that is too small is better than a run that does not end.
            LogNotCounted(run.RunId, e.Message);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "The tokens of earlier attempts of run {RunId} are not counted. {Reason}")]
    private partial void LogNotCounted(RunId runId, string reason);
}
