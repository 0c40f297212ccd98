using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Weft.Runs;
using static Weft.Server.AccessAction;
using static Weft.Server.AccessResource;

namespace Weft.Server;

/// <summary>Assistants as the models of OpenAI's API (docs/protocol/openai.md 1).</summary>
internal sealed class ModelEndpoints(ChatModels models)
{
    public void Map(IEndpointRouteBuilder endpoints)
    {
        var routes = endpoints.MapGroup("/v1/models").WithTags("OpenAI").WithMetadata(OpenAiRoute.Instance);
        routes.MapMethods("", Verbs.Read, (Delegate)ListAsync).WithAccess(Assistants, Search)
            .Returns<ModelListResource>().WithSummary("List the assistants as models");
        routes.MapMethods("/{model}", Verbs.Read, (Delegate)GetAsync).WithAccess(Assistants, Read)
            .Returns<ModelResource>().ReturnsProblem(404).WithSummary("Get an assistant as a model, by its id or its graph's");
    }

    private async Task ListAsync(HttpContext http)
    {
        var all = await models.ListAsync(Requests.ActorOf(http), http.RequestAborted);
        await JsonResponse.WriteAsync(http, all, (writer, all) =>
        {
            writer.WriteStartObject();
            writer.WriteString("object"u8, "list"u8);
            writer.WriteStartArray("data"u8);
            foreach (var model in all.Models)
            {
                Write(writer, model);
            }

            writer.WriteEndArray();
            if (all.HasMore)
            {
                writer.WriteBoolean("has_more"u8, value: true);
            }

            writer.WriteEndObject();
        });
    }

    private async Task GetAsync(HttpContext http, string model)
    {
        var assistant = await models.GetAsync(Requests.ActorOf(http), model, http.RequestAborted);
        await JsonResponse.WriteAsync(http, new ChatModel(model, assistant.CreatedAt), Write);
    }

    private static void Write(Utf8JsonWriter writer, ChatModel model)
    {
        writer.WriteStartObject();
        writer.WriteString("id"u8, model.Id);
        writer.WriteString("object"u8, "model"u8);
        writer.WriteNumber("created"u8, model.CreatedAt.ToUnixTimeSeconds());
        writer.WriteString("owned_by"u8, "weft"u8);
        writer.WriteEndObject();
    }
}
