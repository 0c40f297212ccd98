using Weft.Runs;

namespace Weft.Cluster;

/// <summary>Makes replies of what a call returns or throws, and the other way round.</summary>
internal static class Replies
{
    /// <summary>Handles a call for another server.</summary>
    public static async Task<Reply<T>> OfAsync<T>(Func<Task<T>> handle)
    {
        try
        {
            return new Reply<T> { Kind = ReplyKind.Done, Value = await handle() };
        }
        catch (ThreadElsewhereException e)
        {
            return new Reply<T> { Kind = ReplyKind.Elsewhere, Home = e.Home };
        }
        catch (WeftException e)
        {
            var refusal = new Refusal { Kind = (int)e.Kind, Message = e.Message, Field = e.Field, IsOfActor = e.IsOfActor };
            return new Reply<T> { Kind = ReplyKind.Refused, Refusal = refusal };
        }
        catch (RepeatedRunException e)
        {
            return new Reply<T> { Kind = ReplyKind.Repeated, RunId = e.Run.RunId.Value };
        }
        catch (CronChangedException)
        {
            return new Reply<T> { Kind = ReplyKind.CronChanged };
        }
        catch (StorageUnavailableException e)
        {
            return new Reply<T> { Kind = ReplyKind.Unavailable, Fault = (int)e.Fault };
        }
    }

    /// <summary>Throws what a refused call threw at the other server, except for a repeated request and a changed cron.</summary>
    public static void ThrowIfRefused<T>(Reply<T> reply)
    {
        switch (reply)
        {
            case { Kind: ReplyKind.Refused, Refusal: { } refusal }:
                throw new WeftException((ProblemKind)refusal.Kind, refusal.Message, refusal.Field) { IsOfActor = refusal.IsOfActor };
            case { Kind: ReplyKind.Unavailable }:
                throw new StorageUnavailableException((StorageFault)reply.Fault);
            default:
                break;
        }
    }
}
