using System.Net;
using Microsoft.Extensions.DependencyInjection;

namespace Weft.Server.Tests.Platform;

public sealed class UiTests
{
    [Fact]
    public async Task A_component_is_loaded_with_the_files_of_its_graph()
    {
        var folder = Directory.CreateTempSubdirectory("weft-ui-");
        var (script, style) = (Path.Combine(folder.FullName, "entrypoint.js"), Path.Combine(folder.FullName, "entrypoint.css"));
        await File.WriteAllTextAsync(script, "globalThis.__LGUI_echo = { render() {} };", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(style, "p { color: red }", TestContext.Current.CancellationToken);
        await using var server = await TestServer.StartAsync(add: weft => weft.AddUi("echo", script, style));
        var assistant = (await server.Root.GetAsync("/assistants/echo")).String("assistant_id");
        var host = server.Root.BaseAddress.Authority;

        foreach (var (api, path) in ((Api, string)[])[(server.Root, "/ui/echo"), (server.Gateway, "/ui/echo"), (server.Root, $"/ui/{assistant}")])
        {
            var html = (await api.PostAsync(path, """{"name":"it's <\"weather\">"}""")).ShouldBeOk();

            html.Header("Content-Type").ShouldBe("text/html; charset=utf-8");
            html.Text.ShouldBe(
                $"<link rel=\"stylesheet\" href=\"//{host}{api.Prefix}{path}/entrypoint.css\" />\n"
                + $"<script src=\"//{host}{api.Prefix}{path}/entrypoint.js\" onload='__LGUI_echo.render(\"it\\u0027s \\u003C\\u0022weather\\u0022\\u003E\", \"{{{{shadowRootId}}}}\")'></script>");
            var file = (await api.GetAsync(path + "/entrypoint.js")).ShouldBeOk();
            file.Text.ShouldBe(await File.ReadAllTextAsync(script, TestContext.Current.CancellationToken));
            file.Header("Content-Type").ShouldBe("text/javascript");
            (await api.GetAsync(path + "/entrypoint.css")).ShouldBeOk().Header("Content-Type").ShouldBe("text/css");
            (await api.SendAsync(HttpMethod.Head, path + "/entrypoint.js", null)).ShouldBeOk().Text.ShouldBeEmpty();
            (await api.GetAsync(path + "/..%2Fother.js")).ShouldBe(HttpStatusCode.NotFound).Detail.ShouldNotBeEmpty();
        }

        (await server.Root.PostAsync("/ui/echo", "{}")).ShouldBe(HttpStatusCode.UnprocessableEntity).Detail.ShouldContain("name");
        foreach (var other in (string[])["asking", "nobody"])
        {
            (await server.Root.PostAsync($"/ui/{other}", """{"name":"x"}"""))
                .ShouldBe(HttpStatusCode.NotFound)
                .Detail.ShouldBe($"Assistant {other} has no UI");
        }

        folder.Delete(recursive: true);
    }

    [Fact]
    public void A_file_that_does_not_exist_is_refused_at_once() =>
        Should.Throw<FileNotFoundException>(() => new ServiceCollection().AddWeft().AddUi("echo", "no-such-file.js"))
            .Message.ShouldContain("no-such-file.js");
}
