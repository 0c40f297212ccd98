using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.StaticFiles;
using Weft.Runs;
using static Weft.Server.AccessAction;
using static Weft.Server.AccessResource;

namespace Weft.Server;

/// <summary>UI components of graphs: the HTML that loads one, and the files that it names.</summary>
internal sealed class UiEndpoints(AssistantsFacade assistants, IEnumerable<UiBundle> bundles, WeftServerOptions options)
{
    // The client replaces this with its own id.
    private const string ShadowRoot = "{{shadowRootId}}";

    private static readonly FileExtensionContentTypeProvider ContentTypes = new();

    private readonly Dictionary<string, UiBundle> _bundles =
        bundles.GroupBy(bundle => bundle.GraphId).ToDictionary(group => group.Key, group => group.Last());

    public void Map(IEndpointRouteBuilder endpoints)
    {
        var ui = endpoints.MapGroup("/ui/{assistant_id}").WithTags("UI").ReturnsProblem(404, 422);
        ui.MapPost("", (Delegate)LoadAsync).WithAccess(Assistants, Read)
            .AcceptsJson<UiRequest>().Produces<string>(StatusCodes.Status200OK, "text/html")
            .WithSummary("Get the HTML that loads a UI component");
        ui.MapMethods("/{file}", Verbs.Read, (Delegate)GetFileAsync).WithAccess(Assistants, Read)
            .WithSummary("Get a file of the UI components");
    }

    private async Task LoadAsync(HttpContext http, string assistant_id)
    {
        var body = await Requests.ReadBodyAsync(http, options, ProtocolJsonContext.Default.UiRequest, isRequired: true);
        var name = body.Name ?? throw Requests.Invalid("name", "Field required");
        var bundle = await FindAsync(http, assistant_id);
        // Without a scheme, which a proxy may have changed.
        var request = http.Request;
        var path = request.PathBase.Add(request.Path).ToUriComponent();
        var place = $"//{request.Host.ToUriComponent()}{path.TrimEnd('/')}/";
        var html = new StringBuilder();
        foreach (var file in bundle.Files.Keys.Where(file => file.EndsWith(".css", StringComparison.OrdinalIgnoreCase)))
        {
            html.Append("<link rel=\"stylesheet\" href=\"").Append(place).Append(Uri.EscapeDataString(file)).Append("\" />\n");
        }

        if (bundle.Files.Keys.FirstOrDefault(file => file.EndsWith(".js", StringComparison.OrdinalIgnoreCase)) is { } script)
        {
            // Encoded as JSON, which escapes quotes, so that no text ends the attribute.
            var graph = JsonEncodedText.Encode(bundle.GraphId).Value;
            var component = JsonEncodedText.Encode(name).Value;
            var shadowRoot = body.ShadowRootId is { } id ? JsonEncodedText.Encode(id).Value : ShadowRoot;
            html.Append("<script src=\"").Append(place).Append(Uri.EscapeDataString(script))
                .Append($"\" onload='__LGUI_{graph}.render(\"{component}\", \"{shadowRoot}\")'></script>");
        }

        http.Response.ContentType = "text/html; charset=utf-8";
        await http.Response.WriteAsync(html.ToString(), http.RequestAborted);
    }

    private async Task<IResult> GetFileAsync(HttpContext http, string assistant_id, string file) =>
        (await FindAsync(http, assistant_id)).Files.TryGetValue(file, out var path)
            ? TypedResults.PhysicalFile(path, ContentTypes.TryGetContentType(file, out var type) ? type : "application/octet-stream")
            : throw new WeftException(ProblemKind.NotFound, $"The UI of {assistant_id} has no file {file}");

    private async Task<UiBundle> FindAsync(HttpContext http, string assistantId) =>
        await assistants.FindAsync(Requests.ActorOf(http), assistantId, http.RequestAborted) is { } assistant
        && _bundles.TryGetValue(assistant.GraphId, out var bundle)
            ? bundle
            : throw new WeftException(ProblemKind.NotFound, $"Assistant {assistantId} has no UI");
}
