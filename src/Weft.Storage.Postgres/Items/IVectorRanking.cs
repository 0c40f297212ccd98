namespace Weft.Storage.Postgres;

/// <summary>Ranks the vectors of a range by their similarity to another one.</summary>
internal interface IVectorRanking
{
    /// <summary>
    /// Ranks the vectors, in a snapshot of its own. With a <paramref name="count"/> it may return only so many of them, and of those that
    /// are nearly as similar it may miss some.
    /// </summary>
    /// <param name="range">The vectors.</param>
    /// <param name="vector">A vector of length 1.</param>
    /// <param name="count">How many vectors are needed; null means all.</param>
    /// <param name="cancellationToken">Cancels.</param>
    Task<RankedVectors> RankAsync(VectorRange range, ReadOnlyMemory<float> vector, int? count, CancellationToken cancellationToken);

    /// <summary>Notes the number of rows of a ranking that do not exist any more.</summary>
    void ReportGone(VectorRange range, int rows);
}
