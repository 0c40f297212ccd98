using System.Text.Json;

namespace Weft.Runs.Tests.Items;

public sealed class ItemPathTests
{
    private const string Value = """{"title":"T","n":3,"none":null,"author":{"name":"A"},"notes":[{"text":"x"},{"text":"y","tags":["p","q"]},5]}""";

    [Theory]
    [InlineData("title", "T")]
    [InlineData("$.title", "T")]
    [InlineData("n", "3")]
    [InlineData("none")]
    [InlineData("missing.name")]
    [InlineData("title.name")]
    [InlineData("author.name", "A")]
    [InlineData("author", """{"name":"A"}""")]
    [InlineData("author.*", "A")]
    [InlineData("notes[*].text", "x", "y")]
    [InlineData("notes[0].text", "x")]
    [InlineData("notes[-1]", "5")]
    [InlineData("notes[9]")]
    [InlineData("notes[1].tags[*]", "p", "q")]
    [InlineData("title[*]")]
    public void A_path_reads_texts(string path, params string[] texts)
    {
        ItemPath.TryParse(path, out var parsed).ShouldBeTrue();
        parsed!.Read(JsonElement.Parse(Value)).ShouldBe(texts);
    }

    [Theory]
    [InlineData("$")]
    [InlineData("")]
    public void The_whole_value_is_one_text(string path)
    {
        ItemPath.TryParse(path, out var parsed).ShouldBeTrue();
        parsed!.Read(JsonElement.Parse(Value)).ShouldBe([Value]);
    }

    [Theory]
    [InlineData("a..b")]
    [InlineData(".a")]
    [InlineData("a.")]
    [InlineData("a[")]
    [InlineData("a[x]")]
    [InlineData("a[1]b")]
    [InlineData("a.[1]")]
    public void Other_texts_are_no_paths(string path) => ItemPath.TryParse(path, out _).ShouldBeFalse();
}
