using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Weft.Server;

/// <summary>Parses JSON that a body has inside a string, such as the arguments of a call.</summary>
internal static class EmbeddedJson
{
    /// <summary>Returns the value, mended as a body is (<see cref="BodyText"/>); null if the text is not JSON.</summary>
    public static JsonElement? TryParse(string text)
    {
        try
        {
            var utf8 = BodyText.Read(new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(text)));
            return JsonElement.Parse(utf8, new JsonDocumentOptions { MaxDepth = Requests.BodyDepthMax });
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
