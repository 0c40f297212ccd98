namespace Weft.Storage.Postgres;

/// <summary>The keys of vectors with their scores, in descending order.</summary>
/// <param name="ranking">The keys, which are put in order as far as they are read.</param>
/// <param name="last">The key of the last vector that may have been ranked.</param>
/// <param name="isComplete">Whether all vectors of the range up to the last one are ranked.</param>
internal sealed class RankedVectors(Ranking ranking, long last, bool isComplete) : IDisposable
{
    private readonly List<(long Key, float Score)> _taken = [];

    public long Last => last;

    public bool IsComplete => isComplete;

    /// <summary>Returns the keys after the first <paramref name="skipped"/>. It may be called again.</summary>
    public IReadOnlyList<(long Key, float Score)> Read(int skipped, int count)
    {
        while (_taken.Count < skipped + count && ranking.TryTake(out var key, out var score))
        {
            _taken.Add((key, score));
        }

        return skipped < _taken.Count ? _taken.GetRange(skipped, Math.Min(count, _taken.Count - skipped)) : [];
    }

    public void Dispose() => ranking.Dispose();
}
