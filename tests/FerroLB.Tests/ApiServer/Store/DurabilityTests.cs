using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.ApiServer.Store;
using Xunit;

namespace FerroLB.Tests.ApiServer.Store;

public sealed class DurabilityTests
{
    private static readonly DateTimeOffset Later = new(2031, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Replaying_the_records_rebuilds_everything()
    {
        var api = Filled();
        var records = api.TakeRecords();
        Assert.Equal(Dump(api.Store), Dump(Rebuilt(records)));
    }

    [Fact]
    public void Snapshot_rebuilds_everything_too()
    {
        var api = Filled();
        var rebuilt = Rebuilt(api.Store.SnapshotRecords().Select(record => record.ToArray()));
        Assert.Equal(Dump(api.Store), Dump(rebuilt));
        Assert.Equal(api.Store.ResourceVersion, rebuilt.ResourceVersion);
    }

    [Fact]
    public void Watch_continues_over_a_restart()
    {
        var api = Filled();
        var version = api.Store.ResourceVersion;
        api.Create("v1/ns:default/configmaps", """{"metadata":{"name":"last"}}""");
        var rebuilt = Rebuilt(api.TakeRecords());
        Assert.True(rebuilt.TryOpenWatch(
            new ApiRequest
            {
                Verb = ApiVerb.Watch, Resource = "configmaps",
                Query = new SortedDictionary<string, string> { ["resourceVersion"] = version.ToString() },
            },
            Later, out var watch, out _));
        Assert.True(watch!.TryTake(out var line, Later));
        Assert.Contains("\"name\":\"last\"", System.Text.Encoding.UTF8.GetString(line.Span), StringComparison.Ordinal);
    }

    [Fact]
    public void Deletion_cut_short_is_finished_after_the_restart()
    {
        var api = Filled();
        api.TakeRecords();
        var before = api.Store.SnapshotRecords().Select(record => record.ToArray()).ToList();
        api.Delete("v1/namespaces/n");
        var records = api.TakeRecords();
        Assert.True(records.Count > 2);
        for (var kept = 1; kept <= records.Count; kept++)
        {
            var rebuilt = Rebuilt([.. before, .. records.Take(kept)]);
            Assert.DoesNotContain("\"namespace\":\"n\"", Dump(rebuilt), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Torn_log_is_cut_at_the_last_whole_record()
    {
        byte[][] records = [[1, 2, 3], [], [.. Enumerable.Range(0, 200).Select(i => (byte)i)]];
        var frames = records.Select(record => StoreLog.Frame(record)).ToList();
        var log = frames.SelectMany(frame => frame).ToArray();
        for (var length = 0; length <= log.Length; length++)
        {
            var read = StoreLog.Read(log.AsMemory(0, length), out var tornAt);
            var whole = 0;
            var end = 0;
            while (whole < frames.Count && end + frames[whole].Length <= length)
                end += frames[whole++].Length;
            Assert.Equal(whole, read.Count);
            Assert.Equal(end, tornAt);
            for (var i = 0; i < whole; i++)
                Assert.Equal(records[i], read[i].ToArray());
        }
    }

    [Fact]
    public void Every_flipped_bit_is_noticed()
    {
        var log = StoreLog.Frame([1, 2, 3, 4]);
        for (var bit = 0; bit < log.Length * 8; bit++)
        {
            var damaged = (byte[])log.Clone();
            damaged[bit / 8] ^= (byte)(1 << bit % 8);
            Assert.Empty(StoreLog.Read(damaged, out var tornAt));
            Assert.Equal(0, tornAt);
        }
    }

    [Fact]
    public void Same_seed_and_same_calls_give_the_same_bytes() =>
        Assert.Equal(Filled().TakeRecords(), Filled().TakeRecords());

    private static TestApi Filled()
    {
        var api = new TestApi();
        api.Create("v1/namespaces", """{"metadata":{"name":"n"}}""");
        api.Create("apiextensions.k8s.io/v1/customresourcedefinitions", """
            {"metadata":{"name":"things.x.io"},"spec":{"group":"x.io","scope":"Namespaced","names":{"plural":"things","kind":"Thing"},
             "versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object",
             "properties":{"spec":{"type":"object","properties":{"a":{"type":"number"}}}}}}}]}}
            """);
        api.Create("x.io/v1/ns:n/things", """{"metadata":{"generateName":"t-"},"spec":{"a":1.5}}""");
        api.Create("v1/ns:n/services", """{"metadata":{"name":"s"},"spec":{"type":"LoadBalancer","ports":[{"port":80}]}}""");
        api.Merge("v1/ns:n/services/s/status", """{"status":{"loadBalancer":{"ingress":[{"ip":"192.0.2.1"}]}}}""");
        api.Create("events.k8s.io/v1/ns:n/events", """
            {"metadata":{"name":"e"},"note":"<html> & \"ü\"","regarding":{"name":"s","namespace":"n"},"reason":"R","action":"A",
             "type":"Normal","eventTime":"2030-01-01T00:00:00.000000Z","reportingController":"c","reportingInstance":"i"}
            """);
        api.Create("v1/ns:n/configmaps", """{"metadata":{"name":"gone"}}""");
        api.Delete("v1/ns:n/configmaps/gone");
        return api;
    }

    private static ApiStore Rebuilt(IEnumerable<byte[]> records)
    {
        var store = new ApiStore(99);
        foreach (var record in records)
            store.Replay(record);
        store.Start(Later);
        return store;
    }

    private static string Dump(ApiStore store)
    {
        var text = new List<string>();
        foreach (var resource in store.Resources)
        {
            var response = store.Handle(
                new ApiRequest
                {
                    Verb = ApiVerb.List, Group = resource.Group, Version = resource.Versions[0].Name, Resource = resource.Plural,
                },
                Later);
            text.Add(System.Text.Encoding.UTF8.GetString(response.Body.Span));
        }
        return string.Join('\n', text);
    }
}
