using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Weft.Server.Tests.Openapi;

/// <summary>What generators of clients need of each operation of the OpenAPI document.</summary>
public sealed class OperationTests(SharedServer shared) : ServerTests(shared)
{
    private static readonly string[] Open = ["/ok", "/info", "/api/ok", "/api/info"];

    [Fact]
    public async Task Each_operation_has_an_id_of_its_own_and_a_refusal()
    {
        var operations = Operations((await Root.GetAsync("/openapi.json")).ShouldBeOk().Json);

        var ids = operations.Select(operation => operation.Json.Text("operationId")).ToList();
        ids.ShouldBeUnique();
        ids.ShouldAllBe(id => id.All(char.IsAsciiLetterOrDigit) && char.IsAsciiLetterLower(id[0]));
        ids.ShouldContain("getThreadsByThreadIdState");
        ids.ShouldContain("postApiThreadsByThreadIdRunsStream");
        operations.Where(operation => !operation.Json.GetProperty("responses").Names().Any(status => status.StartsWith('4')))
            .Select(operation => operation.Path)
            .ShouldBeEmpty();
    }

    [Fact]
    public async Task Each_tag_is_described()
    {
        var document = (await Root.GetAsync("/openapi.json")).ShouldBeOk().Json;
        var described = document.GetProperty("tags").EnumerateArray().ToDictionary(
            tag => tag.Text("name"), tag => tag.TryGetProperty("description", out var text) ? text.GetString() : null);

        described.Values.ShouldAllBe(text => !string.IsNullOrEmpty(text));
        Operations(document).SelectMany(operation => operation.Json.GetProperty("tags").Strings()).Except(described.Keys).ShouldBeEmpty();
    }

    [Fact]
    public async Task Without_authentication_no_operation_needs_it()
    {
        var document = (await Root.GetAsync("/openapi.json")).ShouldBeOk().Json;

        document.GetProperty("security").ShouldBeJson("[{}]");
        document.GetProperty("components").TryGetProperty("securitySchemes", out _).ShouldBeFalse();
        Operations(document).ShouldAllBe(operation => operation.Security == null);
    }

    [Fact]
    public async Task With_keys_each_operation_needs_one_except_the_open_ones()
    {
        await using var server = await TestServer.StartAsync(add: weft => weft.RequireApiKeys());

        var document = (await server.Root.GetAsync("/openapi.json")).ShouldBeOk().Json;

        var scheme = document.GetProperty("components").GetProperty("securitySchemes").GetProperty("ApiKey");
        (scheme.Text("type"), scheme.Text("in"), scheme.Text("name")).ShouldBe(("apiKey", "header", "x-api-key"));
        CheckSecurity(document, "ApiKey");
    }

    [Fact]
    public async Task With_the_applications_authentication_each_operation_needs_it_except_the_open_ones()
    {
        await using var app = await GuestApp.StartAsync(app => app.MapWeft().RequireAuthorization(), HeaderUsers.Add);

        var document = (await app.Root.GetAsync("/openapi.json")).ShouldBeOk().Json;

        document.GetProperty("components").GetProperty("securitySchemes").Names().ShouldBe(["header"]);
        CheckSecurity(document, "header");
    }

    private static void CheckSecurity(JsonElement document, string scheme)
    {
        foreach (var operation in Operations(document))
        {
            // The token in a URL for feedback is what authorizes the call.
            var isOpen = Open.Contains(operation.Path) || operation.Path.EndsWith("{token}", StringComparison.Ordinal);
            operation.Security.ShouldBe(isOpen ? null : $$"""[{"{{scheme}}":[]}]""", operation.Path);
        }
    }

    private static List<(string Path, JsonElement Json, string? Security)> Operations(JsonElement document) =>
        [
            .. from path in document.GetProperty("paths").EnumerateObject()
               from operation in path.Value.EnumerateObject()
               where operation.Value.TryGetProperty("responses", out _)
               select (
                   path.Name,
                   operation.Value,
                   operation.Value.TryGetProperty("security", out var security) ? JsonSerializer.Serialize(security) : null),
        ];
}
