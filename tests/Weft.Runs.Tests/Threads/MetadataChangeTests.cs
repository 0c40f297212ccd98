namespace Weft.Runs.Tests.Threads;

public sealed class MetadataChangeTests
{
    [Theory]
    [InlineData("""{"a":{"x":1},"b":2}""", """{"a":{"y":null},"c":"ü"}""", """{"a":{"y":null},"b":2,"c":"ü"}""")]
    [InlineData("{}", """{"a":1}""", """{"a":1}""")]
    [InlineData("""{"a":1,"b":{"c":[1]}}""", """{"b":{"c":[1]},"a":1}""", null)]
    [InlineData("""{"a":1}""", """{"a":1}""", null)]
    [InlineData("""{"a":1}""", "{}", null)]
    public void Members_are_replaced_as_a_whole_and_nothing_changes_what_has_them(string metadata, string members, string? expected)
    {
        var change = MetadataChange.Merge(metadata, members);

        change?.From.ShouldBe(metadata);
        change?.To.ShouldBe(expected);
        (change is null).ShouldBe(expected is null);
    }
}
