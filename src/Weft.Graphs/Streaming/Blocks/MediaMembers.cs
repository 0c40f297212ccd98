using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Weft.Graphs;

/// <summary>
/// Collects what a block of an image, audio, a video or a file says, which some providers write in an object inside. The data is kept
/// apart, as it is in the JSON: it may be large.
/// </summary>
internal sealed class MediaMembers
{
    private readonly JsonObject _members;
    private LazyJson? _data;

    private MediaMembers(string type) => _members = new JsonObject { ["type"] = type };

    /// <summary>Reads a block.</summary>
    public static StandardBlock Of(JsonElement block, string type)
    {
        var media = new MediaMembers(type);
        media.Take(block);
        return media.ToBlock();
    }

    /// <summary>Reads the member <c>image_url</c> of a block.</summary>
    public static StandardBlock OfImage(JsonElement image)
    {
        var media = new MediaMembers("image");
        if (image.ValueKind == JsonValueKind.Object)
        {
            media.Take(image);
        }
        else if (image.ValueKind == JsonValueKind.String)
        {
            media.TakeUrl(image);
        }

        return media.ToBlock();
    }

    /// <summary>Reads the member <c>input_audio</c> of a block.</summary>
    public static StandardBlock OfAudio(JsonElement audio)
    {
        var media = new MediaMembers("audio");
        media.Take(audio);
        media._members.Remove("format", out var format);
        media._members.TryAdd("mime_type", $"audio/{format?.ToString() ?? "wav"}");
        return media.ToBlock();
    }

    private StandardBlock ToBlock() => new(_members, _data);

    private void Take(JsonElement json)
    {
        foreach (var member in json.EnumerateObject())
        {
            Take(member);
        }
    }

    private void Take(JsonProperty member)
    {
        var value = member.Value;
        switch (member.Name)
        {
            // The type of an object inside says where the data is, which its members do too.
            case "type" or "index":
                break;
            case "base64" or "data" or "file_data" when value.ValueKind == JsonValueKind.String:
                TakeData(value);
                break;
            case "url" when value.ValueKind == JsonValueKind.String:
                TakeUrl(value);
                break;
            case "mimeType" or "media_type":
                Add("mime_type", value);
                break;
            case "source" or "file" when value.ValueKind == JsonValueKind.Object:
                Take(value);
                break;
            default:
                Add(member.Name, value);
                break;
        }
    }

    private void Add(string name, JsonElement value) => _members.TryAdd(name, JsonNode.Parse(value.GetRawText()));

    private void TakeUrl(JsonElement url)
    {
        if (!TryTakeDataUrl(JsonMarshal.GetRawUtf8Value(url)))
        {
            Add("url", url);
        }
    }

    private void TakeData(JsonElement data)
    {
        // Files of OpenAI have a data URL here.
        var json = JsonMarshal.GetRawUtf8Value(data);
        if (!TryTakeDataUrl(json))
        {
            _data ??= LazyJson.FromUtf8(json.ToArray());
        }
    }

    /// <summary>Takes the type and the data of a data URL; false if the text is not one in base64.</summary>
    /// <param name="json">A JSON string. What is escaped in it stays so.</param>
    private bool TryTakeDataUrl(ReadOnlySpan<byte> json)
    {
        if (!json.StartsWith("\"data:"u8) || json.IndexOf((byte)',') is not (> 0 and var comma))
        {
            return false;
        }

        var head = GraphJson.Parse([.. json[..comma], (byte)'"']).GetString()!["data:".Length..];
        if (!head.EndsWith(";base64", StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        _data ??= LazyJson.FromUtf8([(byte)'"', .. json[(comma + 1)..]]);
        if (head[..^";base64".Length] is { Length: > 0 } type)
        {
            _members.TryAdd("mime_type", type);
        }

        return true;
    }
}
