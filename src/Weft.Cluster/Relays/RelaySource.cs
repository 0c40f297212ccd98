namespace Weft.Cluster;

/// <summary>One subscription of another server.</summary>
internal abstract class RelaySource(long number) : IDisposable
{
    public long Number { get; } = number;

    /// <summary>Begins to tell the sender of news.</summary>
    public abstract void Start();

    /// <summary>Adds the news that there are.</summary>
    /// <param name="news">The reply.</param>
    /// <param name="left">How many bytes the reply may still take.</param>
    public abstract void Collect(List<RelayNews> news, ref int left);

    public abstract void Dispose();
}
