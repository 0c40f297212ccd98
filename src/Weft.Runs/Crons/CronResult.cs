namespace Weft.Runs;

/// <summary>The result of an attempt to create the run of a cron that is due.</summary>
internal enum CronResult
{
    /// <summary>Its run was created or skipped, or another server has handled it.</summary>
    Handled,

    /// <summary>Its run could not be created for now.</summary>
    Delayed,

    /// <summary>This server does not have its graph. Another server of the cluster may have it.</summary>
    Foreign,
}
