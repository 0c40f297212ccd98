using System.Text.Json;

namespace Weft.Graphs.Tests.Store;

public sealed class ItemFilterTests
{
    private const string Value =
        """{"name":"Ada","age":36,"score":1.5,"tags":["a","b"],"address":{"city":"London","zip":{"code":7}},"none":null,"$odd":1}""";

    [Theory]
    [InlineData("{}", true)]
    [InlineData("""{"name":"Ada"}""", true)]
    [InlineData("""{"name":"ada"}""", false)]
    [InlineData("""{"name":"Ada","age":37}""", false)]
    [InlineData("""{"age":36.0}""", true)]
    [InlineData("""{"age":"36"}""", false)]
    [InlineData("""{"tags":["a","b"]}""", true)]
    [InlineData("""{"tags":["b","a"]}""", false)]
    [InlineData("""{"tags":"a"}""", false)]
    [InlineData("""{"address":{"city":"London"}}""", true)]
    [InlineData("""{"address":{"city":"Paris"}}""", false)]
    [InlineData("""{"address":{"zip":{"code":{"$lt":8}}}}""", true)]
    [InlineData("""{"name":{"first":"Ada"}}""", false)]
    [InlineData("""{"address":{"$eq":{"city":"London"}}}""", false)]
    [InlineData("""{"address":{"$eq":{"zip":{"code":7},"city":"London"}}}""", true)]
    [InlineData("""{"$odd":1}""", true)]
    [InlineData("""{"none":null}""", true)]
    [InlineData("""{"absent":null}""", true)]
    [InlineData("""{"name":null}""", false)]
    [InlineData("""{"absent":{"$ne":1}}""", true)]
    [InlineData("""{"age":{"$ne":36}}""", false)]
    [InlineData("""{"age":{"$gt":36}}""", false)]
    [InlineData("""{"age":{"$gte":36,"$lt":40}}""", true)]
    [InlineData("""{"age":{"$gte":36,"$lt":36}}""", false)]
    [InlineData("""{"score":{"$lte":1.5}}""", true)]
    [InlineData("""{"score":{"$gt":1.49}}""", true)]
    [InlineData("""{"name":{"$gt":"Aaa","$lt":"a"}}""", true)]
    [InlineData("""{"name":{"$gt":1}}""", false)]
    [InlineData("""{"absent":{"$lt":1}}""", false)]
    public void A_value_passes_when_every_condition_holds(string filter, bool passes) =>
        ItemFilter.Parse(filter).Matches(JsonElement.Parse(Value)).ShouldBe(passes);

    [Theory]
    [InlineData("[]", "filter")]
    [InlineData("""{"age":{"$in":[1]}}""", "filter.age.$in")]
    [InlineData("""{"age":{"$gt":1,"max":2}}""", "filter.age.max")]
    [InlineData("""{"address":{"zip":{"$size":1}}}""", "filter.address.zip.$size")]
    public void What_is_no_condition_is_refused_by_name(string filter, string field) =>
        Should.Throw<InvalidItemException>(() => ItemFilter.Parse(filter)).Field.ShouldBe(field);
}
