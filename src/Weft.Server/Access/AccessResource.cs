namespace Weft.Server;

/// <summary>The kinds of resources that calls of the API are for.</summary>
public enum AccessResource
{
    /// <summary>Threads, with their states and runs.</summary>
    Threads,

    /// <summary>Assistants, with their versions and their graphs.</summary>
    Assistants,

    /// <summary>Crons.</summary>
    Crons,

    /// <summary>The items of the store.</summary>
    Store,

    /// <summary>The server itself, and what it shows of all threads below <c>/weft</c>.</summary>
    Server,
}
