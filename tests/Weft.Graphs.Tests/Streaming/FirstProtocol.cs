using System.Text;
using Weft.Server;

namespace Weft.Graphs.Tests.Streaming;

/// <summary>Parts as events of the first protocol, in which recordings and most tests have them.</summary>
internal static class FirstProtocol
{
    /// <summary>The name of the event, with its namespace.</summary>
    public static string EventOf(this StreamPart part) => PartEvents.NamespaceOf(part) is { Length: > 0 } inside
        ? $"{PartEvents.NameOf(part)}|{inside}"
        : PartEvents.NameOf(part);

    /// <summary>The data of the event.</summary>
    public static string JsonOf(this StreamPart part) => Encoding.UTF8.GetString(PartEvents.DataOf(part).ToArray());
}
