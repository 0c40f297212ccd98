namespace Weft.Runs;

/// <summary>The changes that other servers publish.</summary>
internal interface IFeedSources
{
    /// <summary>Ensures that the changes of other servers are published here too, as long as the feed has readers.</summary>
    Task FollowAsync(CancellationToken cancellationToken);
}
