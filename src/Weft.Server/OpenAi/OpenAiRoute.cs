namespace Weft.Server;

/// <summary>Metadata of the endpoints that answer as OpenAI's API does. Their errors have another shape.</summary>
internal sealed class OpenAiRoute
{
    public static OpenAiRoute Instance { get; } = new();
}
