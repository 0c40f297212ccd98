using System.Text.Json;
using System.Text.Json.Serialization;
using Weft.Graphs.Tests.Channels;

namespace Weft.Graphs.Tests.Docs;

public sealed record Person(string Name, int Age, DayOfWeek Day);

[JsonSerializable(typeof(Person))]
internal sealed partial class ShopJson : JsonSerializerContext;

[Collection(ConfiguredJson.Name)]
public sealed class JsonSnippets : GuideSnippets
{
    [Fact]
    public async Task Json_of_a_channel()
    {
        // snippet: channel-json
        var person = Channel.LastValue<Person>("person");
        var graph = new StateGraph().AddChannel(person).AddNode("same", _ => StateUpdate.None).AddEdge(StateGraph.Start, "same").Compile();

        string[] inputs =
        [
            """{"person":{"Name":"Ada","AGE":36,"day":"friday"}}""",
            """{"person":{"name":"Bob","age":3}}""",
            """{"person":{"name":"Bob","years":3}}""",
        ];
        foreach (var input in inputs)
        {
            try
            {
                var result = await graph.RunAsync(GraphInput.FromJson(JsonElement.Parse(input)));
                Console.WriteLine(result.Values);
            }
            catch (InvalidUpdateException e)
            {
                Console.WriteLine(e.Message);
            }
        }
        // end

        Prints("channel-json");
    }

    [Fact]
    public async Task Options_of_all_channels()
    {
        try
        {
            // snippet: json-configure
            GraphJson.Configure(json =>
            {
                json.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
                json.TypeInfoResolverChain.Insert(0, ShopJson.Default);
            });
            // end

            var address = Channel.LastValue<Place>("place");
            var graph = new StateGraph()
                .AddChannel(address)
                .AddNode("move", _ => new StateUpdate().Set(address, new Place("Mill Lane")))
                .AddEdge(StateGraph.Start, "move")
                .Compile();
            (await graph.RunAsync(StateUpdate.None)).Values.ToString().ShouldBe("""{"place":{"street_name":"Mill Lane"}}""");
            GraphJson.WebOptions.GetTypeInfo(typeof(Person)).OriginatingResolver.ShouldBeSameAs(ShopJson.Default);
        }
        finally
        {
            GraphJson.Configure(_ => { });
        }

        GraphJson.WebOptions.PropertyNamingPolicy.ShouldBe(JsonNamingPolicy.CamelCase);
    }

    private sealed record Place(string StreetName);
}
