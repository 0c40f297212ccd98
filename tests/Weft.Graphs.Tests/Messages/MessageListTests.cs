using CsCheck;

namespace Weft.Graphs.Tests.Messages;

/// <summary>LangChain's reducer (docs/protocol/messages.md F4).</summary>
public sealed class MessageListTests
{
    private static readonly MessageList Abc = MessageList.Empty.Merge(
        [Message.Human("a", "a"), Message.Ai("b", "b"), Message.Human("c", "c")]);

    /// <summary>Messages of few ids, so that they often meet; now and then a removal, or the removal of all.</summary>
    private static readonly Gen<Message[]> Updates = Gen.Select(Gen.Int[0, 20], Gen.Int[0, 1000]).Select((kind, text) => kind switch
    {
        < 3 => Message.Remove(Id(text)),
        3 => Message.RemoveAll(),
        < 6 => Message.Human($"{text}", $"{text}"),
        _ => Message.Human($"{text}", Id(text)),
    }).Array[0, 4];

    [Fact]
    public void Known_ids_replace_in_place_and_removals_delete() =>
        Show(Abc.Merge([Message.Ai("b2", "b"), Message.Remove("a")])).ShouldBe("b=b2 c=c");

    [Fact]
    public void Only_what_follows_the_last_removal_of_all_stays_merged_into_nothing() =>
        Show(
            Abc.Merge([Message.Human("x", "x"), Message.RemoveAll(), Message.Human("y", "y"), Message.RemoveAll(), Message.Human("n", "n"), Message.Human("n2", "n")]))
            .ShouldBe("n=n2");

    [Fact]
    public void No_removal_stays_after_the_removal_of_all() =>
        Show(
            Abc.Merge([Message.RemoveAll(), Message.Remove("a"), Message.Human("x", "x"), Message.Human("y", "y"), Message.Remove("x")]))
            .ShouldBe("y=y");

    [Fact]
    public void Removing_an_unknown_message_fails_and_names_it() =>
        Should.Throw<InvalidUpdateException>(() => Abc.Merge([Message.Remove("zz")])).Message.ShouldContain("zz");

    [Fact]
    public void A_later_message_of_an_update_undoes_its_removal() =>
        Show(Abc.Merge([Message.Remove("b"), Message.Human("again", "b")])).ShouldBe("a=a b=again c=c");

    [Fact]
    public void What_an_update_adds_it_may_also_replace_or_remove() =>
        Show(Abc.Merge([Message.Human("d", "d"), Message.Human("e", "e"), Message.Human("d2", "d"), Message.Remove("e")]))
            .ShouldBe("a=a b=b c=c d=d2");

    [Fact]
    public void Messages_without_id_get_one_each()
    {
        var merged = Abc.Merge([Message.Human("x"), Message.Human("x")]);
        merged.Count.ShouldBe(5);
        merged.Select(message => message.Id.ShouldNotBeNull()).Distinct().Count().ShouldBe(5);
        Guid.TryParse(merged[4].Id, out _).ShouldBeTrue();
    }

    /// <summary>Lists share storage and index; whatever is done to any of them, in any order, none of the others may notice.</summary>
    [Fact]
    public void Lists_that_grow_from_each_other_behave_like_lists_of_their_own() =>
        Gen.Select(Gen.Int[0, int.MaxValue], Updates).Array[0, 30].Sample(steps =>
        {
            var family = new List<(MessageList List, List<Message> Model)> { (MessageList.Empty, []) };
            foreach (var (pick, update) in steps)
            {
                // Mostly the newest, so that storage is really shared.
                var (list, model) = family[pick % 3 == 0 ? pick % family.Count : ^1];
                var expected = Merge(model, update);
                if (expected is null)
                {
                    Should.Throw<InvalidUpdateException>(() => list.Merge(update));
                }
                else
                {
                    family.Add((list.Merge(update), expected));
                }
            }

            foreach (var (list, model) in family)
            {
                Show(list).ShouldBe(Show(model));
                list.Bytes.ShouldBe(model.Sum(message => message.Utf8.Length));
                foreach (var message in model)
                {
                    list.TryFind(message.Id!, out var found).ShouldBeTrue();
                    found!.Id.ShouldBe(message.Id);
                }

                list.TryFind("nobody", out _).ShouldBeFalse();
            }
        });

    [Fact]
    public void Appending_to_any_list_of_a_family_leaves_the_others_alone() =>
        Gen.Select(Gen.Int[0, int.MaxValue], Gen.Int.Array[0, 5]).Array[0, 40].Sample(steps =>
        {
            var family = new List<(AppendList<int> List, int[] Model)> { (AppendList<int>.Empty, []) };
            foreach (var (pick, items) in steps)
            {
                var (list, model) = family[pick % 3 == 0 ? pick % family.Count : ^1];
                family.Add((list.Append(items), [.. model, .. items]));
            }

            foreach (var (list, model) in family)
            {
                list.ShouldBe(model);
                foreach (var (other, otherModel) in family)
                {
                    if (list.IsPrefixOf(other))
                    {
                        otherModel.Take(model.Length).ShouldBe(model);
                    }
                }
            }
        });

    private static string Id(int text) => $"id{text % 6}";

    /// <summary>The rules of F4, one after another, with nothing clever; null where the update fails.</summary>
    private static List<Message>? Merge(List<Message> left, Message[] right)
    {
        var all = Array.FindLastIndex(right, message => message is { Type: "remove", Id: Message.RemoveAllId });
        var merged = all >= 0 ? [] : left.ToList();
        var removed = new HashSet<string>();
        foreach (var message in right.Skip(all + 1))
        {
            var at = merged.FindLastIndex(other => other.Id == message.Id);
            if (at < 0 && message.Type == "remove")
            {
                if (all < 0)
                {
                    return null;
                }
            }
            else if (at < 0)
            {
                merged.Add(message);
            }
            else if (message.Type == "remove")
            {
                removed.Add(message.Id!);
            }
            else
            {
                removed.Remove(message.Id!);
                merged[at] = message;
            }
        }

        return [.. merged.Where(message => !removed.Contains(message.Id!))];
    }

    private static string Show(IEnumerable<Message> messages) =>
        string.Join(' ', messages.Select(message => $"{message.Id}={message.Text}"));
}
