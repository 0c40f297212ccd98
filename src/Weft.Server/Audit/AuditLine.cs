using System.Buffers;
using System.Collections;
using System.Net;
using System.Text;
using System.Text.Encodings.Web;

namespace Weft.Server;

/// <summary>A line of the audit log: its fields, and the same as a text. It has ids, and nothing of what was sent.</summary>
internal sealed class AuditLine : IReadOnlyList<KeyValuePair<string, object?>>
{
    private static readonly SearchValues<char> Controls =
        SearchValues.Create([.. Enumerable.Range(0, 0xA0).Select(static code => (char)code).Where(char.IsControl)]);

    private readonly List<KeyValuePair<string, object?>> _fields;
    private readonly int _idsFrom;

    /// <param name="actor">The id of the actor; empty for an anonymous caller.</param>
    /// <param name="address">The remote address.</param>
    /// <param name="action">What the call does, such as <c>create_run</c>.</param>
    /// <param name="resource">The kind of resource, such as <c>threads</c>.</param>
    /// <param name="route">The method with the pattern of the route, or with the command.</param>
    /// <param name="status">The status of the answer.</param>
    public AuditLine(string actor, IPAddress? address, string action, string resource, string route, int status)
    {
        Status = status;
        _fields =
        [
            new("Actor", Clean(actor)),
            new("Address", address?.ToString()),
            new("Action", action),
            new("Resource", resource),
            new("Route", route),
            new("Status", status),
        ];
        _idsFrom = _fields.Count;
    }

    public int Status { get; }

    public int Count => _fields.Count;

    public KeyValuePair<string, object?> this[int index] => _fields[index];

    /// <summary>Adds an id of what the call is for.</summary>
    public void Add(string name, string id) => _fields.Add(new(name, Clean(id)));

    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator() => _fields.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public override string ToString()
    {
        var actor = _fields[0].Value is string { Length: > 0 } name ? name : "anonymous";
        var text = new StringBuilder($"{actor} ({_fields[1].Value}) {_fields[2].Value} {_fields[3].Value}");
        for (var index = _idsFrom; index < _fields.Count; index++)
        {
            text.Append($" {_fields[index].Key}={_fields[index].Value}");
        }

        return text.Append($": {Status} {_fields[4].Value}").ToString();
    }

    /// <summary>A text of a client must not look like further lines.</summary>
    private static string Clean(string text) =>
        text.AsSpan().ContainsAny(Controls) ? JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(text) : text;
}
