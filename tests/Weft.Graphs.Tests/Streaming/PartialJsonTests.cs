using System.Text;

namespace Weft.Graphs.Tests.Streaming;

public sealed class PartialJsonTests
{
    [Theory]
    [InlineData("", "{}")]
    [InlineData("  ", "{}")]
    [InlineData("{", "{}")]
    [InlineData("""{"ci""", "{}")]
    [InlineData("""{"city":""", "{}")]
    [InlineData("""{"city": "Ro""", """{"city":"Ro"}""")]
    [InlineData("""{"city":"Rome","n":1""", """{"city":"Rome"}""")]
    [InlineData("""{"city":"Rome","n":1,""", """{"city":"Rome","n":1}""")]
    [InlineData("""{"ok":tr""", "{}")]
    [InlineData("""{"list":["a", "b""", """{"list":["a","b"]}""")]
    [InlineData("""{"list":["a", {"x":[1,2""", """{"list":["a",{"x":[1]}]}""")]
    [InlineData("""{"text":"a\""", """{"text":"a"}""")]
    [InlineData("""{"text":"a\n\u00e""", """{"text":"a\n"}""")]
    [InlineData("""{"text":"a \"quoted\" é""", """{"text":"a \"quoted\" é"}""")]
    [InlineData("""{"a":{"b":null},"c":"d"}""", """{"a":{"b":null},"c":"d"}""")]
    public void An_object_is_read_as_far_as_it_has_come(string begun, string expected) =>
        Encoding.UTF8.GetString(PartialJson.CompleteObject(begun).ShouldNotBeNull()).ShouldBe(expected);

    [Theory]
    [InlineData("[1")]
    [InlineData("\"text")]
    [InlineData("12 ")]
    [InlineData("{]")]
    [InlineData("{} {}")]
    [InlineData("no json")]
    public void What_is_no_object_is_not_read(string text) => PartialJson.CompleteObject(text).ShouldBeNull();
}
