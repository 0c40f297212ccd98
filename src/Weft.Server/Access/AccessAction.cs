namespace Weft.Server;

/// <summary>What calls of the API do with a resource.</summary>
public enum AccessAction
{
    /// <summary>Adds a resource, or copies one.</summary>
    Create,

    /// <summary>Reads a resource, or streams its events.</summary>
    Read,

    /// <summary>Changes a resource, or cancels a run.</summary>
    Update,

    /// <summary>Removes a resource, or a run.</summary>
    Delete,

    /// <summary>Searches, lists or counts resources.</summary>
    Search,

    /// <summary>Starts a run on a thread, which may be a new one.</summary>
    CreateRun,

    /// <summary>Puts an item into the store.</summary>
    Put,

    /// <summary>Reads an item of the store.</summary>
    Get,

    /// <summary>Lists namespaces of the store.</summary>
    ListNamespaces,
}
