using System.Text.Json;

namespace Weft.Graphs.Tests.Messages;

/// <summary>The forms of docs/protocol/messages.md F2.</summary>
public sealed class MessageCoercionTests
{
    private const string Plain = "\"additional_kwargs\":{},\"response_metadata\":{}";

    [Theory]
    [InlineData("\"hello\"", """{"type":"human","content":"hello",PLAIN}""")]
    [InlineData("""["system","be brief"]""", """{"type":"system","content":"be brief",PLAIN}""")]
    [InlineData("""["user",[{"type":"text","text":"hi"}]]""", """{"type":"human","content":[{"type":"text","text":"hi"}],PLAIN}""")]
    [InlineData("""{"role":"user","content":"hi"}""", """{"type":"human","content":"hi",PLAIN}""")]
    [InlineData("""{"role":"assistant","content":"hi","id":"m1"}""", """{"type":"ai","id":"m1","content":"hi","tool_calls":[],"invalid_tool_calls":[],PLAIN}""")]
    [InlineData("""{"role":"user","content":"hi","id":7}""", """{"type":"human","id":"7","content":"hi",PLAIN}""")]
    [InlineData("""{"role":"system","type":"human","content":"role wins"}""", """{"type":"system","content":"role wins",PLAIN}""")]
    [InlineData("""{"role":"developer","content":"d"}""", """{"type":"system","content":"d","additional_kwargs":{"__openai_role__":"developer"},"response_metadata":{}}""")]
    [InlineData("""["developer","d"]""", """{"type":"system","content":"d","additional_kwargs":{"__openai_role__":"developer"},"response_metadata":{}}""")]
    [InlineData("""{"type":"human","content":null}""", """{"type":"human","content":"",PLAIN}""")]
    [InlineData("""{"type":"AIMessageChunk","content":"c","tool_call_chunks":[]}""", """{"type":"ai","content":"c","tool_calls":[],"invalid_tool_calls":[],PLAIN}""")]
    [InlineData("""{"type":"HumanMessageChunk","content":"c"}""", """{"type":"human","content":"c",PLAIN}""")]
    [InlineData("""{"type":"tool","content":"42","tool_call_id":"c1","status":"error","artifact":{"raw":1},"name":"t"}""", """{"type":"tool","content":"42","name":"t","tool_call_id":"c1","status":"error","artifact":{"raw":1},PLAIN}""")]
    [InlineData("""{"type":"function","content":"x","name":"f"}""", """{"type":"function","content":"x","name":"f",PLAIN}""")]
    [InlineData("""{"type":"chat","content":"x","role":"narrator"}""", """{"type":"chat","content":"x","role":"narrator",PLAIN}""")]
    [InlineData("""{"type":"remove","id":"m1"}""", """{"type":"remove","id":"m1","content":"",PLAIN}""")]
    [InlineData("""{"lc":1,"type":"constructor","id":["langchain_core","messages","HumanMessage"],"kwargs":{"content":"k","id":"m1"}}""", """{"type":"human","id":"m1","content":"k",PLAIN}""")]
    [InlineData("""{"lc":1,"type":"constructor","id":["langchain","schema","messages","AIMessageChunk"],"kwargs":{"content":"k"}}""", """{"type":"ai","content":"k","tool_calls":[],"invalid_tool_calls":[],PLAIN}""")]
    [InlineData("""{"lc":1,"type":"constructor","id":["langchain_core","messages","RemoveMessage"],"kwargs":{"content":"","id":"m1"}}""", """{"type":"remove","id":"m1","content":"",PLAIN}""")]
    public void Every_accepted_form_becomes_the_flat_form(string given, string expected) =>
        Coerce(given).Json().ShouldBeJson(expected.Replace("PLAIN", Plain, StringComparison.Ordinal));

    [Fact]
    public void Unknown_members_go_to_additional_kwargs_beside_explicit_ones() =>
        Coerce("""{"role":"user","content":"x","mood":"glad","tag":1,"additional_kwargs":{"tag":2,"own":true},"response_metadata":{"m":1}}""")
            .Json()
            .ShouldBeJson("""{"type":"human","content":"x","additional_kwargs":{"tag":2,"own":true,"mood":"glad"},"response_metadata":{"m":1}}""");

    [Theory]
    [InlineData("""{"role":"assistant","content":"","tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{\"q\":1}"}}]}""", "{}")]
    [InlineData(
        """{"role":"assistant","content":"","additional_kwargs":{"tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{\"q\":1}"}}]}}""",
        """{"tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{\"q\":1}"}}]}""")]
    public void Tool_calls_of_OpenAI_become_our_own(string given, string additional) =>
        Coerce(given).Json().ShouldBeJson(
            $$"""{"type":"ai","content":"","additional_kwargs":{{additional}},"response_metadata":{},"tool_calls":[{"name":"f","args":{"q":1},"id":"c1","type":"tool_call"}],"invalid_tool_calls":[]}""");

    [Theory]
    [InlineData("17")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("""["user"]""")]
    [InlineData("""["nobody","x"]""")]
    [InlineData("""{"content":"no role"}""")]
    [InlineData("""{"role":"user"}""")]
    [InlineData("""{"role":"user","content":7}""")]
    [InlineData("""{"type":"wizard","content":"x"}""")]
    [InlineData("""{"type":"tool","content":"x"}""")]
    [InlineData("""{"type":"remove"}""")]
    [InlineData("""{"role":"assistant","content":"","tool_calls":[7]}""")]
    [InlineData("""{"role":"assistant","content":"","tool_calls":[{"id":"c","function":{"name":"f","arguments":"{"}}]}""")]
    [InlineData("""{"lc":1,"type":"constructor","id":["langchain_core","messages","Wizard"],"kwargs":{"content":"k"}}""")]
    public void Anything_else_is_refused_by_name(string given) =>
        Should.Throw<MessageCoercionException>(() => Coerce(given)).Message.ShouldContain("MESSAGE_COERCION_FAILURE");

    [Theory]
    [InlineData("\"hello\"", 1)]
    [InlineData("""{"role":"user","content":"one"}""", 1)]
    [InlineData("""["one","two"]""", 2)]
    [InlineData("""["user","one"]""", 1)]
    [InlineData("""[["user","one"],["ai","two"]]""", 2)]
    [InlineData("[]", 0)]
    public void A_write_is_one_message_or_a_list_of_them(string given, int count) =>
        ((IReadOnlyList<Message>)Channel.Messages().ReadWrite(JsonElement.Parse(given))).Count.ShouldBe(count);

    [Fact]
    public void A_message_with_a_new_id_is_otherwise_the_same_and_survives_storage()
    {
        var message = Coerce("""{"role":"user","content":"ünï \"quoted\" 🙂","x":null}""").WithId("a\"b");
        var stored = Message.FromStored(message.Utf8.ToArray());
        stored.Id.ShouldBe("a\"b");
        stored.Text.ShouldBe("ünï \"quoted\" 🙂");
        stored.WithId("c")
            .Json()
            .ShouldBeJson("""{"type":"human","id":"c","content":"ünï \"quoted\" 🙂","additional_kwargs":{"x":null},"response_metadata":{}}""");
    }

    private static Message Coerce(string json) => Message.FromJson(JsonElement.Parse(json));
}
