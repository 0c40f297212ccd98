using Weft.Runs;

namespace Weft.Storage.Postgres;

/// <summary>
/// Writes that remove something. If the answer of a commit was lost, the repetition finds nothing any more, and its result is that of
/// the earlier try.
/// </summary>
internal static class Removal
{
    /// <summary>Returns a write whose result is true if one of its tries has removed something.</summary>
    public static Func<Session, Task<bool>> Of(Func<Session, Task<bool>> remove)
    {
        var isRemoved = false;
        return async session =>
        {
            isRemoved = await remove(session) || isRemoved;
            return isRemoved;
        };
    }

    /// <summary>As the other method: what an earlier try has removed is not missing.</summary>
    public static Func<Session, Task<WriteResult>> Of(Func<Session, Task<WriteResult>> remove)
    {
        var isRemoved = false;
        return async session =>
        {
            var result = await remove(session);
            isRemoved = isRemoved || result == WriteResult.Applied;
            return isRemoved && result == WriteResult.Missing ? WriteResult.Applied : result;
        };
    }
}
