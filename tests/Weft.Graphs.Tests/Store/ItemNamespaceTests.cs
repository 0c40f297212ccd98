namespace Weft.Graphs.Tests.Store;

public sealed class ItemNamespaceTests
{
    [Fact]
    public void It_is_the_same_as_another_of_the_same_labels()
    {
        ItemNamespace ns = ["users", "u1"];

        ns.ShouldBe(ItemNamespace.FromPath(ns.Path));
        ns.GetHashCode().ShouldBe(ItemNamespace.Create("users", "u1").GetHashCode());
        ns.ToString().ShouldBe("users.u1");
        ns.Take(1).ToString().ShouldBe("users");
        ItemNamespace.FromPath("").ShouldBeSameAs(ItemNamespace.Root);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a.b")]
    public void A_label_is_not_empty_and_has_no_dot(string label) =>
        Should.Throw<InvalidItemException>(() => ItemNamespace.Create("users", label)).Field.ShouldBe("namespace");

    [Fact]
    public void A_star_stands_for_any_one_label()
    {
        ItemNamespace ns = ["users", "u1", "notes"];

        ns.Begins(["users", "*"]).ShouldBeTrue();
        ns.Begins(["*", "u2"]).ShouldBeFalse();
        ns.Begins(["users", "u1", "notes", "*"]).ShouldBeFalse();
        ns.Ends(["*", "notes"]).ShouldBeTrue();
        ns.Ends(["users", "*"]).ShouldBeFalse();
        ns.Ends([]).ShouldBeTrue();
    }
}
