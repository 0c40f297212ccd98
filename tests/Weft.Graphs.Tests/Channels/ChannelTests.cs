using System.Text.Json;

namespace Weft.Graphs.Tests.Channels;

public sealed class ChannelTests
{
    private static readonly LastValueChannel<string> Name = Channel.LastValue<string>("name");
    private static readonly LastValueChannel<int> Given = Channel.LastValue("given", 7);
    private static readonly LastValueChannel<JsonElement> Any = Channel.LastValue<JsonElement>("any");
    private static readonly ReducerChannel<string> Joined = Channel.Reducer("joined", "", (old, write) => old + write);
    private static readonly ListChannel<int> Items = Channel.List<int>("items");
    private static readonly ListChannel<int> Later = Channel.List<int>("later", absentAtFirst: true);
    private static readonly ChannelSchema Schema = new([Name, Given, Any, Joined, Items, Later]);

    [Fact]
    public void Channels_without_default_are_absent_until_written()
    {
        Schema.Initial.Json().ShouldBeJson("""{"given":7,"joined":"","items":[]}""");
        Schema.Initial.Has(Later).ShouldBeFalse();
        Schema.Initial.Get(Name).ShouldBeNull();
        Write("""{"later":[]}""").Json().ShouldBeJson("""{"given":7,"joined":"","items":[],"later":[]}""");
    }

    [Fact]
    public void Null_is_a_value_and_not_absence()
    {
        var values = Write("""{"name":null,"any":null}""");
        values.Has(Name).ShouldBeTrue();
        values.Json().ShouldBeJson("""{"given":7,"joined":"","items":[],"name":null,"any":null}""");
    }

    [Fact]
    public void Members_of_any_JSON_survive_as_they_came() =>
        Write("""{"any":{"b":[1.50,"ü",null],"a":{"deep":1e3}},"unknown":1}""").Json()
            .ShouldBeJson("""{"given":7,"joined":"","items":[],"any":{"b":[1.50,"ü",null],"a":{"deep":1e3}}}""");

    [Fact]
    public void A_last_value_takes_one_write_in_a_superstep() =>
        Should.Throw<InvalidUpdateException>(() => Schema.Initial.Apply([new(Name, "a"), new(Name, "b")]))
            .Message.ShouldContain("'name' can receive only one value per step");

    [Fact]
    public void Reducers_take_writes_in_order_and_lists_append()
    {
        var values = Schema.Initial.Apply([new(Joined, "a"), new(Items, new[] { 1 }), new(Joined, "b"), new(Items, new[] { 2, 3 })]);
        values.Get(Joined).ShouldBe("ab");
        values.Get(Items).ShouldBe([1, 2, 3]);
    }

    [Theory]
    [InlineData("1.0", 1)]
    [InlineData("1e3", 1_000)]
    [InlineData("-2.50e1", -25)]
    [InlineData("3", 3)]
    public void A_whole_number_may_be_written_with_a_point_or_an_exponent(string number, int value)
    {
        Write($$"""{"given":{{number}},"items":[{{number}}]}""").Get(Given).ShouldBe(value);
        Write($$"""{"items":[{{number}}]}""").Get(Items).ShouldBe([value]);
    }

    [Theory]
    [InlineData("1.5")]
    [InlineData("1e300")]
    [InlineData("3e9")]
    [InlineData("\"1\"")]
    public void What_is_no_whole_number_is_refused(string number) =>
        Should.Throw<InvalidUpdateException>(() => Write($$"""{"given":{{number}}}""")).Message.ShouldContain("'given' is not a Int32");

    [Fact]
    public void A_list_takes_one_item_as_a_list_of_one() => Write("""{"items":5}""").Get(Items).ShouldBe([5]);

    [Fact]
    public void A_value_of_another_type_is_refused_and_named() =>
        Should.Throw<InvalidUpdateException>(() => Write("""{"given":"seven"}""")).Message.ShouldContain("'given'");

    [Theory]
    [InlineData("17")]
    [InlineData("\"text\"")]
    [InlineData("[1]")]
    [InlineData("""[["name"]]""")]
    public void An_update_is_an_object_or_pairs(string json) => Should.Throw<InvalidUpdateException>(() => Write(json));

    [Fact]
    public void An_update_may_be_pairs() => Write("""[["name","x"],["unknown",1],["items",1],["items",2]]""").Json()
        .ShouldBeJson("""{"name":"x","given":7,"joined":"","items":[1,2]}""");

    [Fact]
    public void A_channel_of_another_graph_is_refused() =>
        Should.Throw<InvalidUpdateException>(() => Schema.Initial.Get(Channel.LastValue<string>("name")))
            .Message.ShouldContain("AddChannel");

    [Theory]
    [InlineData("__secret")]
    [InlineData("branch:to:x")]
    public void Names_of_the_engine_are_no_channel_names(string name) =>
        Should.Throw<ArgumentException>(() => Channel.LastValue<int>(name)).Message.ShouldContain(name);

    private static ChannelValues Write(string json) => Schema.Initial.Apply(StateUpdate.FromJson(Schema, JsonElement.Parse(json)).Writes);
}
