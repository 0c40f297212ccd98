using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Server;

/// <summary>What an authorization handler decides on.</summary>
public sealed class AccessContext
{
    private readonly Dictionary<string, string> _metadata = [];

    internal AccessContext(HttpContext http, Actor actor, AccessResource resource, AccessAction action, JsonElement value)
    {
        Http = http;
        Actor = actor;
        Resource = resource;
        Action = action;
        Value = value;
    }

    /// <summary>The request. Its user has the claims of the caller, and its services those of the application.</summary>
    public HttpContext Http { get; }

    /// <summary>Whom the call acts for.</summary>
    public Actor Actor { get; }

    /// <summary>The kind of resource.</summary>
    public AccessResource Resource { get; }

    /// <summary>What the call does with it.</summary>
    public AccessAction Action { get; }

    /// <summary>
    /// The JSON body of the request, or the parameters of a command; undefined if there is none. It is the client's, and not checked
    /// yet.
    /// </summary>
    public JsonElement Value { get; }

    /// <summary>
    /// The namespace of the store that the call is for, empty for all of it. A handler may replace it. Empty for other resources.
    /// </summary>
    public ItemNamespace Namespace { get; set; } = ItemNamespace.Root;

    /// <summary>Whether the caller has a permission.</summary>
    public bool HasPermission(string permission) => Actor.Permissions.Contains(permission);

    /// <summary>
    /// Sets a member of the metadata of what the call creates or changes. It replaces the client's, and clients can't change it. For a
    /// run, the metadata is that of the run and of a thread that is created for it.
    /// </summary>
    public void SetMetadata(string member, string value)
    {
        ArgumentException.ThrowIfNullOrEmpty(member);
        ArgumentNullException.ThrowIfNull(value);
        _metadata[member] = value;
    }

    /// <summary>Returns what the metadata of new and changed resources gets if a filter applies to them.</summary>
    internal MetadataStamp StampOf(MetadataFilter filter) => new(
        GraphJson.Parse(GraphJson.Encode(_metadata, static (writer, metadata) =>
        {
            writer.WriteStartObject();
            foreach (var (member, value) in metadata)
            {
                writer.WriteString(member, value);
            }

            writer.WriteEndObject();
        })),
        filter);
}
