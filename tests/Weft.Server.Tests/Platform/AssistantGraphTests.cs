namespace Weft.Server.Tests.Platform;

public sealed class AssistantGraphTests(SharedServer shared) : ServerTests(shared)
{
    [Fact]
    public async Task A_graph_is_drawn_with_or_without_what_is_inside()
    {
        var plain = (await Root.GetAsync("/assistants/outer/graph")).ShouldBeOk().Json;
        plain.GetProperty("nodes").EnumerateArray().Select(node => node.Text("id")).ShouldBe(["__start__", "sub", "__end__"]);
        var deep = (await Root.GetAsync("/assistants/outer/graph?xray=true")).ShouldBeOk().Json;
        deep.GetProperty("nodes")
            .EnumerateArray()
            .Select(node => node.Text("id"))
            .ShouldBe(["__start__", "sub:first", "sub:ask", "__end__"]);
        (await Root.GetAsync("/assistants/outer/graph?xray=1")).ShouldBeOk().Json.GetProperty("nodes").GetArrayLength().ShouldBe(4);
        (await Root.GetAsync("/assistants/outer/graph?xray=maybe")).Status.ShouldBe(422);
        (await Root.GetAsync("/assistants/nobody/graph")).Status.ShouldBe(404);
    }

    [Fact]
    public async Task Its_schemas_are_those_of_its_channels()
    {
        var schemas = (await Root.GetAsync("/assistants/echo/schemas")).ShouldBeOk().Json;
        schemas.Names().ShouldBe(["graph_id", "input_schema", "output_schema", "state_schema", "config_schema", "context_schema"]);
        schemas.GetProperty("state_schema").GetProperty("properties").Names().ShouldBe(["messages", "title"]);
        (await Root.GetAsync("/assistants/nobody/schemas")).Status.ShouldBe(404);
    }

    [Fact]
    public async Task The_graphs_inside_have_schemas_too()
    {
        (await Root.GetAsync("/assistants/outer/subgraphs")).ShouldBeOk().Json.Names().ShouldBe(["sub"]);
        (await Root.GetAsync("/assistants/outer/subgraphs/sub?recurse=true"))
            .ShouldBeOk()
            .Json.GetProperty("sub")
            .GetProperty("state_schema")
            .GetProperty("properties")
            .Names()
            .ShouldBe(["trail"]);
        (await Root.GetAsync("/assistants/outer/subgraphs/nope")).ShouldBeOk().Json.Names().ShouldBeEmpty();
    }
}
