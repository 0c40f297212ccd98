using System.Net;
using Microsoft.AspNetCore.Builder;

namespace Weft.Server.Tests.OpenAi;

public sealed class ModelTests(SharedServer shared) : ServerTests(shared)
{
    [Fact]
    public async Task Assistants_are_models()
    {
        var list = (await Root.GetAsync("/v1/models")).ShouldBeOk().Json;
        var one = (await Root.GetAsync("/v1/models/echo")).ShouldBeOk().Json;
        var assistant = (await Root.GetAsync("/assistants/echo")).String("assistant_id");

        list.Text("object").ShouldBe("list");
        list.GetProperty("data").EnumerateArray().Select(model => model.Text("id")).ShouldContain("echo");
        one.Names().ShouldBe(["id", "object", "created", "owned_by"]);
        one.Text("id").ShouldBe("echo");
        one.Text("object").ShouldBe("model");
        (await Root.GetAsync("/v1/models/" + assistant)).String("id").ShouldBe(assistant);
    }

    [Fact]
    public async Task A_list_that_is_not_complete_says_so_and_has_the_graphs()
    {
        await using var server = await TestServer.StartAsync(configure: options => options.PageSizeMax = 50);
        (await server.Root.GetAsync("/v1/models")).Json.Names().ShouldBe(["object", "data"]);
        for (var i = 0; i < 50; i++)
        {
            (await server.Root.PostAsync("/assistants", """{"graph_id":"echo"}""")).ShouldBeOk();
        }

        var list = (await server.Root.GetAsync("/v1/models")).ShouldBeOk().Json;

        list.GetProperty("has_more").GetBoolean().ShouldBeTrue();
        list.GetProperty("data").EnumerateArray().Select(model => model.Text("id")).ShouldContain("echo");
    }

    [Fact]
    public async Task A_model_that_does_not_exist_is_an_error_that_clients_parse()
    {
        var answer = await Root.GetAsync("/v1/models/nobody");

        answer.ShouldBe(HttpStatusCode.NotFound).Json.GetProperty("error").Text("code").ShouldBe("model_not_found");
    }

    [Fact]
    public async Task A_graph_without_messages_is_not_a_model()
    {
        (await Root.GetAsync("/v1/models")).Json.GetProperty("data").EnumerateArray().Select(model => model.Text("id"))
            .ShouldNotContain("counting");
        (await Root.GetAsync("/v1/models/counting")).ShouldBe(HttpStatusCode.NotFound);
        (await Root.PostAsync("/v1/chat/completions", ChatTests.Chat("counting", "hi"))).ShouldBe(HttpStatusCode.NotFound);
        (await Root.PostAsync("/v1/responses", """{"model":"workflow","input":"hi"}""")).ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Unknown_paths_and_methods_are_answered()
    {
        (await Root.GetAsync("/v1/embeddings")).ShouldBe(HttpStatusCode.NotFound);
        (await Root.DeleteAsync("/v1/models/echo")).ShouldBe(HttpStatusCode.MethodNotAllowed).Header("Allow").ShouldBe("GET,HEAD");
    }

    [Fact]
    public async Task The_application_keeps_its_own_routes_below_the_same_segment()
    {
        await using var app = await GuestApp.StartAsync(app =>
        {
            app.MapGet("/v1/orders", () => "orders");
            app.MapGet("/v1/models/mine", () => "mine");
            app.MapWeft();
        });

        (await app.Root.GetAsync("/v1/orders")).Text.ShouldBe("orders");
        (await app.Root.GetAsync("/v1/models/mine")).Text.ShouldBe("mine");
        (await app.Root.GetAsync("/v1/unknown")).ShouldBe(HttpStatusCode.NotFound).Text.ShouldBeEmpty();
        (await app.Root.GetAsync("/v1/models/echo")).ShouldBeOk();
    }

    [Fact]
    public async Task The_api_can_be_switched_off()
    {
        await using var app = await GuestApp.StartAsync(app => app.MapWeft(), configure: options => options.ServesOpenAi = false);

        (await app.Root.GetAsync("/v1/models")).ShouldBe(HttpStatusCode.NotFound).Text.ShouldBeEmpty();
        (await app.Root.GetAsync("/openapi.json")).Text.ShouldNotContain("/v1/");
        (await app.Root.GetAsync("/ok")).ShouldBeOk();
    }

    [Fact]
    public async Task A_page_of_another_site_is_refused_in_the_same_shape()
    {
        var answer = await Root.PostAsync(
            "/v1/chat/completions", ChatTests.Chat("echo", "hi"), ("Origin", "https://evil.example"));

        answer.ShouldBe(HttpStatusCode.Forbidden).Json.GetProperty("error").Text("type").ShouldBe("invalid_request_error");
    }
}
