namespace Weft.Server;

/// <summary>How <see cref="ConfigurableHeaders"/> treat a header of a request for a run.</summary>
internal enum HeaderUse
{
    /// <summary>It has nothing to do with the configuration of the run.</summary>
    None,

    /// <summary>Nodes do not see it, and configuration with its name does not take its place.</summary>
    Excluded,

    /// <summary>Nodes see it in <c>configurable</c>.</summary>
    Included,
}
